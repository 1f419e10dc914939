package io.bactrian.billing;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A month of an account's own calendar, in UTC.
 *
 * <p>Each begins a whole number of months after the anchor: on the anchor's day of the month and at its time, or on the last
 * day of a month that is too short. It is always counted from the anchor, so a short month does not shift the later ones.
 *
 * @param start its first moment
 * @param end the first moment after it
 */
record Period(Instant start, Instant end) {

    /** The period of that anchor which a moment, not before the anchor, lies in. */
    static Period at(Instant anchor, Instant moment) {
        LocalDateTime first = LocalDateTime.ofInstant(anchor, ZoneOffset.UTC);
        // Counts a month that began on its last day as complete a little late, never early.
        long months = Math.max(0, ChronoUnit.MONTHS.between(first, LocalDateTime.ofInstant(moment, ZoneOffset.UTC)));
        while (!moment.isBefore(start(first, months + 1))) {
            months++;
        }
        return new Period(start(first, months), start(first, months + 1));
    }

    /** The part of it before a moment, which must lie after its start. */
    Period within(Instant last) {
        return end.isAfter(last) ? new Period(start, last) : this;
    }

    private static Instant start(LocalDateTime first, long months) {
        return first.plusMonths(months).toInstant(ZoneOffset.UTC);
    }
}
