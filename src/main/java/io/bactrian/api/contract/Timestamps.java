package io.bactrian.api.contract;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import java.util.regex.Pattern;

/** Times in requests: ISO 8601 with an offset, without one (then UTC), or a date alone (its midnight in UTC); and dates. */
public final class Timestamps {
    private static final int MAX_LENGTH = 40;

    /** A plus sign in a query stands for a space, so an offset that was not encoded arrives with one. */
    private static final Pattern OFFSET_AFTER_SPACE = Pattern.compile("(T\\S+) (\\d\\d:?\\d\\d)$");

    /** Without the years whose periods would begin or end in one of fewer or more digits. */
    private static final Pattern DATE = Pattern.compile("(?!9999)[1-9]\\d{3}-\\d{2}-\\d{2}");

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private Timestamps() {}

    /** The time, or nothing where the text is none of the years 1 to 9999. */
    public static Optional<Instant> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            Instant instant = instant(OFFSET_AFTER_SPACE.matcher(text).replaceFirst("$1+$2"));
            boolean known = !instant.isBefore(EARLIEST) && !instant.isAfter(LATEST);
            return known ? Optional.of(instant) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The day, or nothing where the text is none of the years 1000 to 9998. */
    static Optional<LocalDate> parseDate(String text) {
        if (!DATE.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Instant instant(String text) {
        if (!text.contains("T")) {
            return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        TemporalAccessor parsed =
                DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        return parsed instanceof OffsetDateTime time
                ? time.toInstant()
                : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
    }
}
