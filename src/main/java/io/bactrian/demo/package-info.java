/** The demonstration: a built-in sample shop, and a newcomer's client that scrapes it through the public API. */
@NullMarked
package io.bactrian.demo;

import org.jspecify.annotations.NullMarked;
