package io.bactrian.places.google;

import io.bactrian.places.Place;
import java.util.Map;

/**
 * A place as it was read.
 *
 * @param filled whether each field was found, by its key in the site's file
 */
record Reading(Place place, Map<String, Boolean> filled) {}
