package io.bactrian.schedule;

import io.bactrian.InvalidInputException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The times of a cron expression, as crontab(5) reads it.
 *
 * <p>Where clocks change, it does as Debian's cron(8). An expression whose minute or hour begins with {@code *} runs on elapsed
 * time: it skips what the clock skips, and repeats what the clock repeats. Every other one names a time of day: one that the clock
 * skips is due at once when the clock has been put forward (several of them once), one that the clock repeats is due the
 * first time only. Changes of more than three hours are corrections, to which nothing of this applies.
 */
final class CronSchedule implements Schedule {
    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    /** 29 February on one day of the week comes again after 40 years at the latest, as from 2680 to 2720. */
    private static final int YEARS = 41;

    /** Of an expression; no sensible one is longer, whatever it lists. */
    private static final int LENGTH = 200;

    private static final int MINUTES = 60;
    private static final int HOURS = 24;

    private final long minutes;
    private final long hours;
    private final long daysOfMonth;
    private final long months;
    private final long daysOfWeek;
    private final boolean eitherDay;
    private final boolean elapsed;
    private final ZoneId zone;

    private CronSchedule(String input, List<String> fields, ZoneId zone) {
        minutes = CronField.MINUTE.parse(input, fields.get(0));
        hours = CronField.HOUR.parse(input, fields.get(1));
        daysOfMonth = CronField.DAY_OF_MONTH.parse(input, fields.get(2));
        months = CronField.MONTH.parse(input, fields.get(3));
        daysOfWeek = CronField.DAY_OF_WEEK.parse(input, fields.get(4));
        eitherDay = !fields.get(2).startsWith("*") && !fields.get(4).startsWith("*");
        elapsed = fields.get(0).startsWith("*") || fields.get(1).startsWith("*");
        this.zone = zone;
    }

    /**
     * Reads an expression.
     *
     * @param input what the client calls the expression
     * @throws InvalidInputException when it is none, or never comes true
     */
    static CronSchedule of(String input, String expression, ZoneId zone) {
        String text = expression.strip();
        if (text.length() > LENGTH) {
            throw new InvalidInputException(input, "must have at most %d characters".formatted(LENGTH));
        }
        if (text.startsWith("@")) {
            String meant = NICKNAMES.get(text.toLowerCase(Locale.ROOT));
            if (meant == null) {
                throw new InvalidInputException(
                        input, "must be one of @hourly, @daily, @weekly, @monthly, @yearly where it begins with @");
            }
            text = meant;
        }
        List<String> fields = List.of(text.split("[ \t]+"));
        if (fields.size() != CronField.values().length) {
            throw new InvalidInputException(
                    input, "must be a cron expression of five fields: minute, hour, day of month, month, day of week");
        }
        CronSchedule schedule = new CronSchedule(input, fields, zone);
        if (!schedule.comesTrue()) {
            throw new InvalidInputException(
                    input, "never comes: in the field 'day of month', no day is in one of the months given");
        }
        return schedule;
    }

    /** Every date falls on every day of the week in some year, so it is only days and months that can exclude each other. */
    private boolean comesTrue() {
        return eitherDay
                || Stream.of(Month.values())
                        .filter(month -> has(months, month.getValue()))
                        .anyMatch(month -> Long.numberOfTrailingZeros(daysOfMonth) <= month.maxLength());
    }

    @Override
    public Optional<Instant> next(Instant after) {
        // The day before may have times to come: clocks that are put back at midnight show it again.
        LocalDate day = after.atZone(zone).toLocalDate().minusDays(1);
        LocalDate end = day.plusYears(YEARS);
        while (day.isBefore(end)) {
            if (!has(months, day.getMonthValue())) {
                day = day.withDayOfMonth(1).plusMonths(1);
                continue;
            }
            Optional<Instant> found = first(day, after);
            if (found.isPresent()) {
                // Clocks that are put back just after midnight show the next day before they show this one again.
                return Stream.concat(found.stream(), first(day.plusDays(1), after).stream())
                        .min(Instant::compareTo);
            }
            day = day.plusDays(1);
        }
        return Optional.empty();
    }

    private Optional<Instant> first(LocalDate day, Instant after) {
        if (!matches(day)) {
            return Optional.empty();
        }
        Instant first = null;
        for (int hour = 0; hour < HOURS; hour++) {
            for (int minute = 0; has(hours, hour) && minute < MINUTES; minute++) {
                if (!has(minutes, minute)) {
                    continue;
                }
                for (Instant time : ClockChanges.instants(day.atTime(LocalTime.of(hour, minute)), zone, elapsed)) {
                    if (time.isAfter(after) && (first == null || time.isBefore(first))) {
                        first = time;
                    }
                }
            }
        }
        return Optional.ofNullable(first);
    }

    private boolean matches(LocalDate day) {
        boolean dayOfMonth = has(daysOfMonth, day.getDayOfMonth());
        boolean dayOfWeek = has(daysOfWeek, day.getDayOfWeek().getValue() % 7);
        return has(months, day.getMonthValue()) && (eitherDay ? dayOfMonth || dayOfWeek : dayOfMonth && dayOfWeek);
    }

    private static boolean has(long values, int value) {
        return (values & 1L << value) != 0;
    }
}
