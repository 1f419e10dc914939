/** The places of Google Maps, searched in a browser. */
@NullMarked
package io.bactrian.places.google;

import org.jspecify.annotations.NullMarked;
