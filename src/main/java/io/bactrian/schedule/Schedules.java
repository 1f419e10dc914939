package io.bactrian.schedule;

import io.bactrian.InvalidInputException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Reads schedules as clients write them.
 *
 * <p>The messages of violations are predicates, which follow the name of the field: <em>is wrong in the field 'hour': …</em>.
 */
public final class Schedules {
    private Schedules() {}

    /**
     * Reads a cron expression, as crontab(5) has it: five fields, or a nickname such as {@code @daily}.
     *
     * <p>Names of months and days of the week may stand in lists and ranges too. Day of month and day of week are joined by
     * <em>or</em> only where neither begins with {@code *}. Where clocks change, a time of day that is skipped is due at once
     * afterwards, and one that is repeated is due the first time; expressions whose minute or hour begins with {@code *} run
     * on elapsed time.
     *
     * @param field what the client calls the expression, for violations
     * @throws InvalidInputException when it is none, or never comes true; the message says which field is wrong
     */
    public static Schedule cron(String field, String expression, ZoneId zone) {
        return CronSchedule.of(field, expression, zone);
    }

    /**
     * Reads a cron expression or one of the words {@code hourly}, {@code daily}, {@code weekly} and {@code monthly}.
     *
     * @param field what the client calls the schedule, for violations
     * @param anchor the first time of a word, from which the others follow; a month without its day has its last day instead
     * @throws InvalidInputException when it is neither
     */
    public static Schedule parse(String field, String text, ZoneId zone, Instant anchor) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "hourly" -> new PlainSchedule(ChronoUnit.HOURS, zone, anchor);
            case "daily" -> new PlainSchedule(ChronoUnit.DAYS, zone, anchor);
            case "weekly" -> new PlainSchedule(ChronoUnit.WEEKS, zone, anchor);
            case "monthly" -> new PlainSchedule(ChronoUnit.MONTHS, zone, anchor);
            default -> cron(field, text, zone);
        };
    }

    /**
     * Reads the name of a time zone, such as {@code Europe/Berlin} or {@code UTC}.
     *
     * @param field what the client calls the zone, for violations
     * @throws InvalidInputException when IANA's database has no zone of that name
     */
    public static ZoneId zone(String field, String name) {
        if (!ZoneId.getAvailableZoneIds().contains(name)) {
            throw new InvalidInputException(
                    field, "must be the name of a time zone of IANA's, such as Europe/Berlin or UTC");
        }
        return ZoneId.of(name);
    }
}
