/** Sites for tests that misbehave as real ones do. */
@NullMarked
package io.bactrian.origin;

import org.jspecify.annotations.NullMarked;
