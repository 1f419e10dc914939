package io.bactrian.egress;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code Retry-After} header (RFC 9110 section 10.2.3): seconds, or a date. */
public final class RetryAfter {
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,18}");

    private RetryAfter() {}

    /**
     * How long to wait, between nothing and the longest that whoever asks would wait; null where the header is absent or
     * means nothing.
     */
    public static @Nullable Duration parse(@Nullable String value, Clock clock, Duration longest) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(Math.min(Long.parseLong(text), longest.toSeconds()));
        }
        try {
            ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(clock.instant(), date.toInstant());
            return wait.isNegative() ? Duration.ZERO : wait.compareTo(longest) > 0 ? longest : wait;
        } catch (DateTimeException | ArithmeticException meaningless) {
            return null;
        }
    }
}
