package io.bactrian.origin;

import io.bactrian.origin.OpenstreetmapOrigin.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A query in the part of Overpass QL that searches need: a union of {@code nwr} statements within one area or box.
 *
 * @param area the id of the area, or null
 */
record OverpassScript(@Nullable Long area, List<Statement> statements, int most) {
    private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*+)\"";
    private static final Pattern SETTINGS = Pattern.compile("\\[out:json]\\[timeout:\\d+]\\[maxsize:\\d+];");
    private static final Pattern AREA = Pattern.compile("area\\((\\d+)\\)->\\.a;\\.a out ids;");
    private static final Pattern FILTER = Pattern.compile("\\[" + TEXT + "(?:([=~])" + TEXT + "(,i)?)?]");
    private static final Pattern BOX =
            Pattern.compile("\\((-?[0-9.]+),(-?[0-9.]+),(-?[0-9.]+),(-?[0-9.]+)\\);|\\(area\\.a\\);");
    private static final Pattern END = Pattern.compile("\\);out tags center (\\d+);");

    /** Conditions within a box, or within the area where there is none. */
    record Statement(
            List<Predicate<Feature>> filters, @Nullable Box box) {}

    /** A part of the map. */
    record Box(double south, double west, double north, double east) {
        boolean contains(Feature feature) {
            return feature.latitude() >= south
                    && feature.longitude() >= west
                    && feature.latitude() <= north
                    && feature.longitude() <= east;
        }
    }

    /** The query, or null where the text is none. */
    static @Nullable OverpassScript parse(String text) {
        Matcher at = SETTINGS.matcher(text);
        if (!at.lookingAt()) {
            return null;
        }
        int position = at.end();
        Long area = null;
        if (at.usePattern(AREA).region(position, text.length()).lookingAt()) {
            area = Long.valueOf(at.group(1));
            position = at.end();
        }
        if (!text.startsWith("(", position)) {
            return null;
        }
        position++;
        List<Statement> statements = new ArrayList<>();
        while (text.startsWith("nwr", position)) {
            position += 3;
            List<Predicate<Feature>> filters = new ArrayList<>();
            while (at.usePattern(FILTER).region(position, text.length()).lookingAt()) {
                filters.add(filter(at));
                position = at.end();
            }
            if (filters.isEmpty()
                    || !at.usePattern(BOX).region(position, text.length()).lookingAt()) {
                return null;
            }
            statements.add(new Statement(filters, box(at)));
            position = at.end();
        }
        boolean complete = at.usePattern(END).region(position, text.length()).matches() && !statements.isEmpty();
        return complete ? new OverpassScript(area, statements, Integer.parseInt(at.group(1))) : null;
    }

    /** @param areaBox where the area is, or null where there is none */
    boolean matches(Feature feature, @Nullable Box areaBox) {
        return statements.stream().anyMatch(statement -> {
            Box box = statement.box() == null ? areaBox : statement.box();
            return box != null
                    && box.contains(feature)
                    && statement.filters().stream().allMatch(filter -> filter.test(feature));
        });
    }

    private static Predicate<Feature> filter(Matcher at) {
        String key = unquoted(at.group(1));
        if (at.group(2) == null) {
            return feature -> feature.tags().containsKey(key);
        }
        String value = unquoted(at.group(3));
        if (at.group(2).equals("=")) {
            return feature -> value.equals(feature.tags().get(key));
        }
        Pattern expression =
                Pattern.compile(value, at.group(4) == null ? 0 : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        return feature -> {
            String actual = feature.tags().get(key);
            return actual != null && expression.matcher(actual).find();
        };
    }

    private static @Nullable Box box(Matcher at) {
        return at.group(1) == null
                ? null
                : new Box(
                        Double.parseDouble(at.group(1)),
                        Double.parseDouble(at.group(2)),
                        Double.parseDouble(at.group(3)),
                        Double.parseDouble(at.group(4)));
    }

    private static String unquoted(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }
}
