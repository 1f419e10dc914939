/** The two public REST surfaces: who may call, what was asked, and how it is answered. */
@NullMarked
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
