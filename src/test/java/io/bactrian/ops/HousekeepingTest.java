package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HousekeepingTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Leader leader = new Leader(DATABASE.jdbc(), meters, Duration.ofMinutes(1));
    private final Housekeeping housekeeping = new Housekeeping(leader, meters, clock);

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aJobRunsOnTheNodeThatLeadsUntilABatchIsNotFull() {
        assertThat(housekeeping.begin("tidy")).isFalse();
        leader.renew();
        assertThat(housekeeping.begin("tidy")).isTrue();
        assertThat(housekeeping.goOn("tidy", true, 0)).isTrue();
        assertThat(lastSuccess()).isZero();
        assertThat(housekeeping.goOn("tidy", false, 1)).isFalse();
        assertThat(lastSuccess()).isEqualTo((double) clock.instant().getEpochSecond());

        leader.destroy();
        assertThat(housekeeping.goOn("tidy", true, 2))
                .as("after another node took over")
                .isFalse();
    }

    @Test
    void aJobEndsAfterManyBatchesThoughThereIsMore() {
        leader.renew();
        assertThat(housekeeping.goOn("tidy", true, Housekeeping.MOST_BATCHES - 2))
                .isTrue();
        assertThat(housekeeping.goOn("tidy", true, Housekeeping.MOST_BATCHES - 1))
                .isFalse();
        leader.destroy();
    }

    @Test
    void failuresAreCountedByJob() {
        housekeeping.begin("tidy");
        housekeeping.failed("other", new IllegalStateException("of the test"));
        assertThat(failures("tidy")).isZero();
        assertThat(failures("other")).isOne();
    }

    private double lastSuccess() {
        return meters.get("bactrian.housekeeping.last-success")
                .tag("job", "tidy")
                .gauge()
                .value();
    }

    private double failures(String job) {
        return meters.get("bactrian.housekeeping.failures")
                .tag("job", job)
                .counter()
                .count();
    }
}
