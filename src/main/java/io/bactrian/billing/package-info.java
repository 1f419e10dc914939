/** Plans and what they include. */
@NullMarked
package io.bactrian.billing;

import org.jspecify.annotations.NullMarked;
