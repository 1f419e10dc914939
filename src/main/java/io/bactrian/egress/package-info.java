/** Everything that leaves: the guard over addresses, and the one HTTP client behind it. */
@NullMarked
package io.bactrian.egress;

import org.jspecify.annotations.NullMarked;
