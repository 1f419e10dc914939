package io.bactrian.analytics;

import io.bactrian.InvalidInputException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The days, in UTC, that usage is asked for.
 *
 * @param first the first of them
 * @param last the last of them, at most a leap year's length from the first
 */
record UsageRange(LocalDate first, LocalDate last) {
    static final int MOST_DAYS = 366;

    UsageRange {
        if (last.isBefore(first)) {
            throw new InvalidInputException("end_date", "must not be before start_date");
        }
        if (ChronoUnit.DAYS.between(first, last) >= MOST_DAYS) {
            throw new InvalidInputException(
                    "end_date", "must be at most %d days from start_date, both included".formatted(MOST_DAYS));
        }
    }

    /** Both dates as they are given; with one of them the period that begins or ends there; with none the current one. */
    static UsageRange of(UsagePeriod period, @Nullable LocalDate start, @Nullable LocalDate end, LocalDate today) {
        if (end == null) {
            LocalDate first = start == null ? period.startOf(today) : start;
            return new UsageRange(first, period.endFrom(first));
        }
        return new UsageRange(start == null ? period.startBefore(end) : start, end);
    }

    /** The first second. */
    Instant start() {
        return first.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    /** The first second that is no longer in it. */
    Instant after() {
        return last.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
