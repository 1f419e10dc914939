/** The whole service from outside: real HTTP in, real pages, real files out. */
@NullMarked
package io.bactrian.flow;

import org.jspecify.annotations.NullMarked;
