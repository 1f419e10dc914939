package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who leads, over nodes that share a database. */
class LeaderTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Duration LEASE = Duration.ofMillis(300);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Leader first = node(LEASE);
    private final Leader second = node(LEASE);

    private Leader node(Duration lease) {
        return new Leader(DATABASE.jdbc(), meters, lease);
    }

    @BeforeEach
    void nobodyLeads() {
        DATABASE.jdbc()
                .sql("UPDATE leader SET holder = NULL, until = '-infinity'")
                .update();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void oneOfTwoNodesLeadsForAsLongAsItRenewsItsLease() {
        Leader steady = node(Duration.ofMinutes(1));
        steady.renew();
        second.renew();
        assertThat(steady.leads()).isTrue();
        assertThat(second.leads()).isFalse();

        steady.renew();
        second.renew();
        assertThat(steady.leads()).isTrue();
        assertThat(second.leads()).isFalse();
    }

    @Test
    void aNodeThatIsKilledLosesItsLeaseToAnother() {
        first.renew();
        assertThat(first.leads()).isTrue();

        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    second.renew();
                    assertThat(first.leads() && second.leads()).isFalse();
                    return second.leads();
                });
        first.renew();
        assertThat(first.leads()).isFalse();
    }

    @Test
    void aNodeThatStopsGivesItsLeaseUpAtOnceAndTakesNoneAgain() {
        Leader stopping = node(Duration.ofMinutes(1));
        stopping.renew();
        stopping.destroy();
        assertThat(stopping.leads()).isFalse();
        second.renew();
        assertThat(second.leads()).isTrue();

        second.destroy();
        stopping.renew();
        assertThat(stopping.leads()).isFalse();
    }

    @Test
    void aNodeThatStopsWithoutTheLeaseTakesItFromNobody() {
        Leader steady = node(Duration.ofMinutes(1));
        steady.renew();
        second.destroy();
        assertThat(DATABASE.jdbc()
                        .sql("SELECT count(*) FROM leader WHERE until > now()")
                        .query(Integer.class)
                        .single())
                .isOne();
    }

    @Test
    void noTwoNodesLeadAtOnceHoweverTheyStall() {
        List<Leader> nodes =
                Stream.generate(() -> node(Duration.ofMillis(2))).limit(4).toList();
        int changes = 0;
        Leader last = null;
        for (int round = 0; round < 2_000; round++) {
            nodes.get(ThreadLocalRandom.current().nextInt(nodes.size())).renew();
            List<Leader> leading = nodes.stream().filter(Leader::leads).toList();
            assertThat(leading).hasSizeLessThan(2);
            if (!leading.isEmpty() && leading.getFirst() != last) {
                last = leading.getFirst();
                changes++;
            }
        }
        assertThat(changes).isGreaterThan(1);
    }

    @Test
    void aNodeWithoutItsDatabaseLeadsUntilTheEndOfItsLeaseAndFailsNobody() {
        TestDatabase gone = TestDatabase.create();
        Leader node = new Leader(gone.jdbc(), meters, LEASE);
        node.renew();
        assertThat(node.leads()).isTrue();

        gone.close();
        node.renew();
        await().atMost(Duration.ofSeconds(10)).until(() -> !node.leads());
        node.destroy();
    }
}
