package io.bactrian.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When tokens come back, and what the broker is told of it. */
class ReturnTimeTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void aTokenThatWasOnTimeComesBackWhenThereIsSomethingToDo() {
        Instant next = NOW.plusSeconds(9);
        assertThat(ReturnTime.afterNothing(NOW.minusSeconds(1), next, NOW)).isEqualTo(new ReturnTime(next, next));
    }

    @Test
    void aTokenNeverComesBackAtOnce() {
        Instant least = NOW.plusMillis(250);
        assertThat(ReturnTime.afterNothing(NOW, NOW.minusSeconds(5), NOW)).isEqualTo(new ReturnTime(least, least));
        assertThat(ReturnTime.afterNothing(NOW, NOW.plusMillis(1), NOW)).isEqualTo(new ReturnTime(least, least));
    }

    @Test
    void aBrokerWhoseClockIsAheadDeliversTheTokenOneStepLaterOnTime() {
        Duration ahead = Duration.ofMinutes(7);
        Instant next = NOW.plusSeconds(30);
        Instant early = NOW.plusSeconds(30).minus(ahead);

        ReturnTime back = ReturnTime.afterNothing(next, next, early);

        assertThat(back.deliverAt().minus(ahead)).as("delivery by our clock").isEqualTo(back.due());
        assertThat(back.due()).isEqualTo(next);
    }

    @Test
    void aTimeBetweenTwoMillisecondsIsRoundedUpForTheBroker() {
        for (long nanos : new long[] {0, 1, 999_999, 1_000_000, 1_000_001}) {
            Instant at = NOW.plusNanos(nanos);

            assertThat(Instant.ofEpochMilli(OutboxMessageProcessor.roundedUp(at)))
                    .isBetween(at, at.plusNanos(999_999));
        }
    }
}
