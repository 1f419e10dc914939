package io.bactrian.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
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
        assertThat(outbox.overdue()).isEmpty();
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
        assertThat(outbox.overdue()).isEmpty();
        clock.advance(Duration.ofSeconds(2));
        assertThat(outbox.overdue()).containsExactly(written);

        outbox.sent(written);
        assertThat(outbox.overdue()).isEmpty();
    }

    private void write(String body) {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> outbox.write(Destination.LANES_HTML, body, Map.of(), null));
    }
}
