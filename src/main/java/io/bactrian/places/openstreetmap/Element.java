package io.bactrian.places.openstreetmap;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node, way or relation of OpenStreetMap.
 *
 * @param latitude of the node, or of the middle of the others; null where it is not known
 */
record Element(
        String type,
        long id,
        @Nullable Double latitude,
        @Nullable Double longitude,
        Map<String, String> tags) {

    /** The value of the first of these keys that the element has, or null. */
    @Nullable
    String tag(String... keys) {
        for (String key : keys) {
            String value = tags.get(key);
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
