package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    private final Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -",
                "120, PT2M",
                "' 5 ', PT5S",
                "0, PT0S",
                "86400, PT1H",
                "999999999999999999, PT1H",
                "'Sun, 01 Mar 2026 12:00:30 GMT', PT30S",
                "'Sun, 01 Mar 2026 11:00:00 GMT', PT0S",
                "'Mon, 01 Mar 2027 12:00:00 GMT', PT1H",
                "-5, -",
                "1.5, -",
                "soon, -",
                "'', -"
            })
    void secondsAndDatesAreUnderstoodAndCutToTheLongest(@Nullable String value, @Nullable Duration expected) {
        assertThat(RetryAfter.parse(value, clock, Duration.ofHours(1))).isEqualTo(expected);
    }
}
