package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeriodTest {
    @ParameterizedTest
    @CsvSource({
        "2026-02-20T10:00:00Z, 2026-02-20T10:00:00Z, 2026-02-20T10:00:00Z, 2026-03-20T10:00:00Z",
        "2026-02-20T10:00:00Z, 2026-03-20T09:59:59Z, 2026-02-20T10:00:00Z, 2026-03-20T10:00:00Z",
        "2026-02-20T10:00:00Z, 2026-03-20T10:00:00Z, 2026-03-20T10:00:00Z, 2026-04-20T10:00:00Z",
        // A day that shorter months lack is their last one, and is there again afterwards.
        "2026-01-31T08:30:00Z, 2026-02-28T08:29:59Z, 2026-01-31T08:30:00Z, 2026-02-28T08:30:00Z",
        "2026-01-31T08:30:00Z, 2026-02-28T08:30:00Z, 2026-02-28T08:30:00Z, 2026-03-31T08:30:00Z",
        "2026-01-31T08:30:00Z, 2026-03-30T23:00:00Z, 2026-02-28T08:30:00Z, 2026-03-31T08:30:00Z",
        "2026-01-31T08:30:00Z, 2026-04-30T08:30:00Z, 2026-04-30T08:30:00Z, 2026-05-31T08:30:00Z",
        "2026-01-31T08:30:00Z, 2027-01-31T08:30:00Z, 2027-01-31T08:30:00Z, 2027-02-28T08:30:00Z",
        // Leap years.
        "2027-12-31T00:00:00Z, 2028-02-29T00:00:00Z, 2028-02-29T00:00:00Z, 2028-03-31T00:00:00Z",
        "2028-02-29T12:00:00Z, 2029-02-28T12:00:00Z, 2029-02-28T12:00:00Z, 2029-03-29T12:00:00Z",
        "2028-02-29T12:00:00Z, 2032-02-29T12:00:00Z, 2032-02-29T12:00:00Z, 2032-03-29T12:00:00Z",
        // A moment before the anchor, by a clock that is behind, is in the first.
        "2026-02-20T10:00:00Z, 2026-02-20T09:59:59Z, 2026-02-20T10:00:00Z, 2026-03-20T10:00:00Z",
    })
    void aMomentLiesInTheMonthThatIsCountedFromTheAnchor(Instant anchor, Instant moment, Instant start, Instant end) {
        assertThat(Period.at(anchor, moment)).isEqualTo(new Period(start, end));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-01-29T23:59:59.999999Z", "2026-01-31T00:00:00Z", "2026-08-30T12:00:00Z"})
    void periodsFollowOneAnotherWithoutGaps(Instant anchor) {
        Period period = Period.at(anchor, anchor);
        for (int month = 0; month < 120; month++) {
            Period next = Period.at(anchor, period.end());
            assertThat(next.start()).isEqualTo(period.end());
            assertThat(Period.at(anchor, period.end().minusNanos(1000))).isEqualTo(period);
            assertThat(Duration.between(next.start(), next.end()).toDays()).isBetween(28L, 31L);
            period = next;
        }
    }
}
