package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.places.Place.OpeningHours;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/** Reads when a place is open. */
final class HoursReader {
    private static final int MOST_DAYS = 7;
    private static final int MOST_PARTS = 10;
    private static final int LONGEST = 100;

    private final HoursSources sources;

    HoursReader(HoursSources sources) {
        this.sources = sources;
    }

    /** The days in the order of the page, or null where they are not known. */
    @Nullable
    List<OpeningHours> read(@Nullable JsonNode data, @Nullable Document document) {
        if (data != null) {
            for (HoursSources.Data shape : sources.data()) {
                List<OpeningHours> days = new ArrayList<>();
                shape.days()
                        .all(data, MOST_DAYS)
                        .forEach(day -> add(text(shape.day().first(day)), times(shape, day), days));
                if (!days.isEmpty()) {
                    return days;
                }
            }
        }
        if (document != null) {
            for (HoursSources.Rows shape : sources.document()) {
                List<OpeningHours> days = new ArrayList<>();
                shape.days().in(document).stream()
                        .limit(MOST_DAYS)
                        .forEach(row -> add(day(shape, row), times(shape, row), days));
                if (!days.isEmpty()) {
                    return days;
                }
            }
        }
        return null;
    }

    private static void add(@Nullable String day, List<String> times, List<OpeningHours> days) {
        if (day != null && !times.isEmpty()) {
            days.add(new OpeningHours(day, times));
        }
    }

    private static List<String> times(HoursSources.Data shape, JsonNode day) {
        return shape.times().all(day, MOST_PARTS).stream()
                .map(HoursReader::text)
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<String> times(HoursSources.Rows shape, Element row) {
        return shape.times().all(row, MOST_PARTS).stream()
                .map(text -> Texts.line(text, LONGEST))
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable String day(HoursSources.Rows shape, Element row) {
        @Nullable String day = shape.day().first(row);
        return day == null ? null : Texts.line(day, LONGEST);
    }

    private static @Nullable String text(@Nullable JsonNode node) {
        return node == null || !node.isTextual() ? null : Texts.line(node.textValue(), LONGEST);
    }
}
