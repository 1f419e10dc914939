package io.bactrian.demo;

import static io.bactrian.demo.JsonArrays.array;
import static io.bactrian.demo.JsonArrays.at;
import static io.bactrian.demo.JsonArrays.list;
import static io.bactrian.demo.JsonArrays.sparse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.bactrian.demo.SamplePlace.Day;
import io.bactrian.demo.SamplePlace.Form;
import io.bactrian.demo.SamplePlace.Span;
import io.bactrian.demo.SamplePlace.Status;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The opening hours of places as Google Maps hands them to its scripts, in both ways that it has had. */
final class HoursArrays {
    private static final LocalDate MONDAY = LocalDate.of(2026, 6, 1);

    private HoursArrays() {}

    /** Puts the opening hours, and whether the place is open, among its fields. */
    static void put(SamplePlace place, MapWords words, Map<Integer, JsonNode> fields) {
        boolean older = place.form() == Form.OLDER;
        List<JsonNode> days = new ArrayList<>();
        if (place.hours() != null) {
            for (int ahead = 0; ahead < 7; ahead++) {
                // The list begins with the day of the visit.
                LocalDate date = MONDAY.plusDays((place.number() + ahead) % 7L);
                days.add(day(date, place.hours().get(date.getDayOfWeek().getValue() - 1), words, older));
            }
        }
        String status = place.status() == Status.OPEN ? openingStatus(place, words) : words.status(place);
        if (status != null) {
            ArrayNode now = array(days.isEmpty() ? null : days.getFirst(), 1, 1, 0, status);
            fields.put(34, sparse(8, older ? Map.of(1, list(days), 4, now) : Map.of(4, now)));
        }
        if (!older && (status != null || !days.isEmpty())) {
            fields.put(203, array(days.isEmpty() ? null : list(days), at(4, status == null ? null : array(status))));
        }
    }

    private static @Nullable String openingStatus(SamplePlace place, MapWords words) {
        if (place.hours() == null) {
            return null;
        }
        List<Span> today = place.hours()
                .get(MONDAY.plusDays(place.number() % 7L).getDayOfWeek().getValue() - 1)
                .spans();
        return today.isEmpty() ? words.closed() : words.status(place) + " ⋅ " + words.hours(today.getLast());
    }

    private static ArrayNode day(LocalDate date, Day day, MapWords words, boolean older) {
        DayOfWeek weekday = date.getDayOfWeek();
        String name = words.day(weekday.getValue());
        int open = day.spans().isEmpty() ? 2 : 1;
        if (older) {
            return array(
                    name,
                    day.spans().isEmpty()
                            ? array(words.closed())
                            : list(day.spans().stream().map(words::hours).toList()),
                    null,
                    null,
                    date.toString(),
                    open);
        }
        ArrayNode spans = day.spans().isEmpty()
                ? array(array(words.closed()))
                : list(day.spans().stream()
                        .map(span -> array(words.hours(span), array(time(span.from()), time(span.to()))))
                        .toList());
        return array(
                name,
                weekday.getValue(),
                array(date.getYear(), date.getMonthValue(), date.getDayOfMonth()),
                spans,
                0,
                open);
    }

    private static ArrayNode time(int minutes) {
        return minutes % 60 == 0 ? array(minutes / 60) : array(minutes / 60, minutes % 60);
    }
}
