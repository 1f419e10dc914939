/** The provider of places from OpenStreetMap: Nominatim finds the location, Overpass the places in it. */
@NullMarked
package io.bactrian.places.openstreetmap;

import org.jspecify.annotations.NullMarked;
