package io.bactrian.places.google;

import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Where the opening hours may be: shapes of data, then of the visible document. */
record HoursSources(
        @DefaultValue List<Data> data, @DefaultValue List<Rows> document) {
    HoursSources {
        data = List.copyOf(data);
        document = List.copyOf(document);
    }

    /**
     * One array a day.
     *
     * @param days the arrays
     * @param day its name
     * @param times when it is open, one text for each part of the day
     */
    record Data(IndexPath days, IndexPath day, IndexPath times) {
        Data {
            Settings.require(days, "days");
            Settings.require(day, "day");
            Settings.require(times, "times");
            days.requireRoot("place");
            day.requireRoot("day");
            times.requireRoot("day");
        }
    }

    /** One element a day, with the others in it. */
    record Rows(CssSelector days, DocumentPath day, DocumentPath times) {
        Rows {
            Settings.require(days, "days");
            Settings.require(day, "day");
            Settings.require(times, "times");
        }
    }
}
