package io.bactrian.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final SettableClock clock = new SettableClock();
    private final Outbox outbox = new Outbox(DATABASE.jdbc(), new ObjectMapper(), clock);

    @BeforeEach
    void emptyTheTable() {
        DATABASE.jdbc().sql("DELETE FROM outbox").update();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aTransactionThatIsRolledBackLeavesNoMessage() {
        DATABASE.transactions().executeWithoutResult(transaction -> {
            write("lost");
            transaction.setRollbackOnly();
        });
        clock.advance(Duration.ofMinutes(1));

        assertThat(outbox.committed()).isEmpty();
        assertThat(outbox.claim(500)).isEmpty();
    }

    @Test
    void committedMessagesAreTakenOnceAndInTheirOrder() {
        write("one");
        write("two");

        assertThat(outbox.committed()).extracting(OutboxMessage::body).containsExactly("\"one\"", "\"two\"");
        assertThat(outbox.committed()).isEmpty();
    }

    @Test
    void aMessageIsNotCommittedBeforeItsTransactionIs() {
        List<OutboxMessage> before = DATABASE.transactions().execute(transaction -> {
            write("early");
            return outbox.committed();
        });

        assertThat(before).isEmpty();
        assertThat(outbox.committed()).hasSize(1);
    }

    @Test
    void whatNobodySentIsOverdueAfterAWhileUntilItIsSent() {
        Instant deliverAt = clock.instant().plusSeconds(3600).truncatedTo(ChronoUnit.MICROS);
        DATABASE.transactions()
                .executeWithoutResult(transaction ->
                        outbox.write(Destination.TASKS_EVENTS, "left", Map.of("type", "task.completed"), deliverAt, 9));
        OutboxMessage written = outbox.committed().getFirst();

        clock.advance(Duration.ofSeconds(9));
        assertThat(outbox.claim(500)).isEmpty();
        clock.advance(Duration.ofSeconds(2));
        assertThat(outbox.claim(500)).containsExactly(written);

        outbox.sent(written);
        clock.advance(Duration.ofHours(1));
        assertThat(outbox.claim(500)).isEmpty();
    }

    @Test
    void aMessageThatIsNotSentIsTriedAgainLaterAndLater() {
        write("stubborn");
        clock.advance(Duration.ofSeconds(10));
        List<Duration> waits = new ArrayList<>();
        for (int attempt = 0; attempt < 10; attempt++) {
            assertThat(outbox.claim(500)).hasSize(1);
            Duration wait = Duration.ZERO;
            List<OutboxMessage> claimed = List.of();
            while (claimed.isEmpty()) {
                assertThat(wait).isLessThan(Duration.ofMinutes(11));
                clock.advance(Duration.ofSeconds(5));
                wait = wait.plusSeconds(5);
                claimed = peek();
            }
            waits.add(wait);
        }

        assertThat(waits)
                .startsWith(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(20))
                .isSorted()
                .endsWith(Duration.ofMinutes(10), Duration.ofMinutes(10));
    }

    /** What would be claimed. */
    private List<OutboxMessage> peek() {
        return Objects.requireNonNull(DATABASE.transactions().execute(transaction -> {
            List<OutboxMessage> claimed = outbox.claim(500);
            transaction.setRollbackOnly();
            return claimed;
        }));
    }

    @Test
    void twoNodesNeverClaimTheSameMessage() throws Exception {
        for (int i = 0; i < 100; i++) {
            write("message " + i);
        }
        clock.advance(Duration.ofMinutes(1));
        CyclicBarrier bothHaveClaimed = new CyclicBarrier(2);
        Outbox other = new Outbox(DATABASE.jdbc(), new ObjectMapper(), clock);
        try (ExecutorService nodes = Executors.newFixedThreadPool(2)) {
            List<Future<List<OutboxMessage>>> claims = Stream.of(outbox, other)
                    .map(node -> nodes.submit(() ->
                            Objects.requireNonNull(DATABASE.transactions().execute(transaction -> {
                                List<OutboxMessage> claimed = node.claim(50);
                                try {
                                    bothHaveClaimed.await(20, TimeUnit.SECONDS);
                                } catch (Exception e) {
                                    throw new AssertionError("A node waited for the other's claim.", e);
                                }
                                return claimed;
                            }))))
                    .toList();
            List<OutboxMessage> all = new ArrayList<>(claims.get(0).get());
            all.addAll(claims.get(1).get());

            assertThat(all).hasSize(100).doesNotHaveDuplicates();
            assertThat(outbox.claim(500)).as("claimed by either a moment ago").isEmpty();
        }
    }

    @Test
    void aRowThatNobodyCanReadKeepsNoOtherFromLeaving() {
        write("before");
        DATABASE.jdbc().sql("UPDATE outbox SET properties = 'no JSON'").update();
        write("after");
        DATABASE.jdbc()
                .sql("INSERT INTO outbox (id, destination, body, properties, created_at, next_attempt_at)"
                        + " VALUES (gen_random_uuid(), 'OF_A_LATER_VERSION', '\"later\"', '{}', :now, :now)")
                .param("now", Timestamp.from(clock.instant()))
                .update();
        clock.advance(Duration.ofMinutes(1));

        assertThat(outbox.claim(500))
                .extracting(OutboxMessage::body, OutboxMessage::routeName)
                .containsExactlyInAnyOrder(tuple("\"after\"", "lanes-html"), tuple("\"later\"", "of-a-later-version"));
    }

    private void write(String body) {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> outbox.write(Destination.LANES_HTML, body, Map.of(), null));
    }
}
