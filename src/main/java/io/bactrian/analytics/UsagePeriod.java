package io.bactrian.analytics;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;

/** A length of time that usage is told for. */
public enum UsagePeriod {
    DAILY,
    /** Seven days; by themselves they begin on a Monday, as weeks do in ISO 8601. */
    WEEKLY,
    MONTHLY;

    /** The first day of the calendar's period that has this day. */
    LocalDate startOf(LocalDate day) {
        return switch (this) {
            case DAILY -> day;
            case WEEKLY -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTHLY -> day.withDayOfMonth(1);
        };
    }

    /** The last day of a period that begins on this one. */
    LocalDate endFrom(LocalDate start) {
        return switch (this) {
            case DAILY -> start;
            case WEEKLY -> start.plusDays(6);
            case MONTHLY -> start.plusMonths(1).minusDays(1);
        };
    }

    /** The first day of a period that ends on this one. */
    LocalDate startBefore(LocalDate end) {
        return switch (this) {
            case DAILY -> end;
            case WEEKLY -> end.minusDays(6);
            case MONTHLY -> end.plusDays(1).minusMonths(1);
        };
    }
}
