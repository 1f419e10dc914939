package io.bactrian.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.api.core.ActiveMQNonExistentQueueException;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxSendingTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private final Throwable noBroker =
            new IllegalStateException("Not sent", new ActiveMQNotConnectedException("Cannot connect"));
    private final Throwable noQueue =
            new IllegalStateException("Not sent", new ActiveMQNonExistentQueueException("No such address"));

    private final SettableClock clock = new SettableClock();
    private final Outbox outbox = new Outbox(DATABASE.jdbc(), new ObjectMapper(), clock);
    private final OutboxSending sending = new OutboxSending(outbox, this::nanoTime);

    @BeforeEach
    void emptyTheTable() {
        outbox.committed();
        DATABASE.jdbc().sql("DELETE FROM outbox").update();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void whatDoesNotFitAmongTheMessagesOnTheirWayIsLeftToTheSweeper() {
        for (int batch = 0; batch < 2; batch++) {
            write(1000);
            assertThat(sending.committed()).hasSize(1000);
        }
        write(10);
        assertThat(sending.committed()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(sending.overdue()).as("no place").isEmpty();

        for (int i = 0; i < 5; i++) {
            sending.done();
        }

        assertThat(sending.overdue()).hasSize(5);
        assertThat(sending.overdue()).isEmpty();
    }

    @Test
    void whileTheBrokerIsAwayAFewMessagesAreTriedAndAllOfThemWhenOneIsTaken() {
        write(100);
        List<OutboxMessage> messages = sending.committed();
        sending.failed(messages.getFirst(), noBroker);
        write(1);
        assertThat(sending.committed()).as("left to the sweeper").isEmpty();

        clock.advance(Duration.ofSeconds(11));
        List<OutboxMessage> probes = sending.overdue();
        assertThat(probes).hasSize(10);
        probes.forEach(message -> sending.failed(message, noBroker));
        // Nothing is wrong with these, so their waits do not grow.
        for (int i = 0; i < 20; i++) {
            clock.advance(Duration.ofSeconds(5));
            sending.overdue().forEach(message -> sending.failed(message, noBroker));
        }
        clock.advance(Duration.ofSeconds(5));
        List<OutboxMessage> last = sending.overdue();
        assertThat(last).hasSize(10);

        sending.sent(last.getFirst());

        assertThat(sending.overdue()).hasSize(91);
    }

    @Test
    void oneMessageThatCannotBeSentDoesNotMakeTheNodeUnhealthy() {
        write(1);
        OutboxMessage message = sending.committed().getFirst();
        for (int minute = 0; minute < 30; minute++) {
            sending.failed(message, noQueue);
            clock.advance(Duration.ofMinutes(1));
        }

        sending.check();
    }

    @Test
    void messagesWithoutABranchWaitAndDoNotMakeTheNodeUnhealthy() {
        write(5);
        for (OutboxMessage message : sending.committed()) {
            assertThatThrownBy(() -> sending.unroutable(message))
                    .hasMessageContaining("lanes-html")
                    .hasMessageContaining("ops.camel.yaml")
                    .satisfies(failure -> sending.failed(message, failure));
        }
        clock.advance(Duration.ofMinutes(5));

        sending.check();
        assertThat(sending.overdue()).hasSize(5);
    }

    @Test
    void aNodeWhoseMessagesAllFailForAMinuteIsUnhealthyUntilOneIsSent() {
        write(3);
        List<OutboxMessage> messages = sending.committed();
        messages.forEach(message -> sending.failed(message, noBroker));
        sending.check();
        clock.advance(Duration.ofSeconds(61));
        assertThatThrownBy(sending::check).hasMessageContaining("do not reach the broker");

        sending.sent(messages.getFirst());

        sending.check();
    }

    private long nanoTime() {
        return Duration.between(Instant.EPOCH, clock.instant()).toNanos();
    }

    private void write(int messages) {
        DATABASE.transactions().executeWithoutResult(transaction -> {
            for (int i = 0; i < messages; i++) {
                outbox.write(Destination.LANES_HTML, i, Map.of(), null);
            }
        });
    }
}
