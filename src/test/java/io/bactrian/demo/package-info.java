/** Tests of the demonstration. */
@NullMarked
package io.bactrian.demo;

import org.jspecify.annotations.NullMarked;
