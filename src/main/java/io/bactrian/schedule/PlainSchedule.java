package io.bactrian.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The times of a plain word such as {@code daily}: the anchor, and the same time of the day, week or month ever after.
 *
 * <p>A month without the anchor's day has its last day instead. Clocks that change are treated as for a cron expression that names
 * a time of day; {@code hourly} is elapsed time.
 *
 * @param unit hours, days, weeks or months
 */
record PlainSchedule(ChronoUnit unit, ZoneId zone, Instant anchor) implements Schedule {
    private static final int LONGEST = 3;

    @Override
    public Optional<Instant> next(Instant after) {
        if (after.isBefore(anchor)) {
            return Optional.of(anchor);
        }
        if (unit == ChronoUnit.HOURS) {
            return Optional.of(
                    anchor.plus(Duration.ofHours(Duration.between(anchor, after).toHours() + 1)));
        }
        LocalDateTime start = anchor.atZone(zone).toLocalDateTime();
        // One less than have passed by the calendar: clocks may have been changed in between.
        long count = Math.max(1, unit.between(start, after.atZone(zone).toLocalDateTime()) - 1);
        for (long i = count; i <= count + LONGEST; i++) {
            for (Instant time : ClockChanges.instants(start.plus(i, unit), zone, false)) {
                if (time.isAfter(after)) {
                    return Optional.of(time);
                }
            }
        }
        // Only where the calendar leaves out days.
        return Optional.of(
                ZonedDateTime.of(start.plus(count + LONGEST, unit), zone).toInstant());
    }
}
