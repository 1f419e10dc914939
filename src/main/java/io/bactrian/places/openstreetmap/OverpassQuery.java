package io.bactrian.places.openstreetmap;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A query for named elements, in Overpass QL.
 *
 * @param alternatives lists of conditions, of which an element must meet all of one
 * @param most how many elements are given at most
 */
record OverpassQuery(List<List<TagFilter>> alternatives, Region region, int most) {
    /** However many places are wanted. */
    static final int MOST_ELEMENTS = 2_000;

    /** What Overpass may spend on it, in seconds and in bytes; a server that is busy prefers queries that ask for little. */
    private static final String SETTINGS = "[out:json][timeout:25][maxsize:134217728];";

    String text() {
        StringBuilder text = new StringBuilder(SETTINGS);
        @Nullable Long area = region.area();
        String within;
        if (area == null) {
            within = String.format(
                    Locale.ROOT, "(%.6f,%.6f,%.6f,%.6f)", region.south(), region.west(), region.north(), region.east());
        } else {
            // Its id among the elements says that Overpass knows the area.
            text.append("area(").append(area).append(")->.a;.a out ids;");
            within = "(area.a)";
        }
        text.append('(');
        for (List<TagFilter> conditions : alternatives) {
            text.append("nwr");
            conditions.forEach(condition -> text.append(condition.text()));
            text.append(within).append(';');
        }
        return text.append(");out tags center ").append(most).append(';').toString();
    }
}
