package io.bactrian.outage;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class OutageLogTest {
    private final Throwable refused = new IllegalStateException(
            "A step failed", new SQLTransientConnectionException("Connection refused", "08001"));

    private final AtomicLong nanoTime = new AtomicLong();
    private final LoggerContext loggers = new LoggerContext();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final ListAppender<ILoggingEvent> summaries = new ListAppender<>();
    private final Logger summary = (Logger) LoggerFactory.getLogger(OutageLog.class);
    private final Logger consumer = loggers.getLogger("a.consumer");

    @BeforeEach
    void install() {
        loggers.addTurboFilter(new OutageLog(nanoTime::get));
        lines.start();
        consumer.addAppender(lines);
        summaries.start();
        summary.addAppender(summaries);
    }

    @AfterEach
    void remove() {
        summary.detachAppender(summaries);
    }

    @Test
    void whatFailsBecauseTheDatabaseIsAwayIsOneLineInTenSeconds() {
        for (int i = 0; i < 500; i++) {
            consumer.error("Failed delivery", refused);
            consumer.warn("Timer {} failed", "retention", new SQLException("Connection is closed"));
        }
        assertThat(messages(summaries)).hasSize(1);
        nanoTime.addAndGet(10_000_000_001L);
        consumer.error("Failed delivery", refused);

        assertThat(lines.list).isEmpty();
        assertThat(messages(summaries))
                .containsExactly(
                        "The database is away (Connection refused): 1 failures since the last line like this one",
                        "The database is away (Connection refused): 1000 failures since the last line like this one");
    }

    @Test
    void eachServerHasItsOwnLine() {
        consumer.error("Failed delivery", refused);
        consumer.error("Failed delivery", new IllegalStateException(new ActiveMQNotConnectedException("No broker")));
        loggers.getLogger("org.apache.activemq.artemis.core.client").warn("AMQ212037: Connection failure");

        assertThat(messages(summaries)).hasSize(2).anyMatch(line -> line.startsWith("The message broker is away"));
    }

    /** As Artemis says it of both ends of a connection. */
    @Test
    void aProducersConnectionThatBreaksIsNoOutage() {
        Logger client = loggers.getLogger("org.apache.activemq.artemis.core.client");
        String format = "AMQ212037: {} connection failure to {} has been detected: {} [code={}]";
        String before = System.getProperty("bactrian.broker.data");
        System.setProperty("bactrian.broker.data", "var/artemis");
        try {
            client.warn(format, "AMQP", "/127.0.0.1:40000", "gone", "REMOTE_DISCONNECT");
            assertThat(summaries.list).isEmpty();
            client.warn(format, "CORE", "invm:0", "gone", "NOT_CONNECTED");
            assertThat(messages(summaries)).singleElement().asString().startsWith("The message broker is away");
        } finally {
            if (before == null) {
                System.clearProperty("bactrian.broker.data");
            } else {
                System.setProperty("bactrian.broker.data", before);
            }
        }
    }

    @Test
    void aFloodOfOneKindIsAFewLinesAndTheirNumber() {
        for (int i = 0; i < 500; i++) {
            consumer.error("Request {} failed", i, new IllegalStateException("a stranger's doing"));
        }
        consumer.error("Another kind", new IllegalArgumentException());
        assertThat(lines.list).hasSize(21);
        nanoTime.addAndGet(10_000_000_001L);
        consumer.error("Request {} failed", 500, new IllegalStateException("a stranger's doing"));

        assertThat(lines.list).hasSize(22);
        assertThat(messages(summaries))
                .containsExactly("480 more lines of a.consumer were left out, all of one kind with the next one");
    }

    @Test
    void linesThatNobodyWantsAreNotCounted() {
        consumer.setLevel(Level.OFF);
        for (int i = 0; i < 500; i++) {
            consumer.error("Silent");
        }
        nanoTime.addAndGet(10_000_000_001L);
        consumer.error("Silent");

        assertThat(summaries.list).isEmpty();
    }

    @Test
    void otherFailuresAreLoggedAsTheyAre() {
        consumer.error("Failed delivery", new SQLException("duplicate key", "23505"));
        consumer.error("Failed delivery", new SQLException("index row size exceeds maximum", "54000"));
        consumer.warn("Refused", new ActiveMQSecurityException("not allowed"));
        consumer.warn("In words alone");

        assertThat(lines.list).hasSize(4);
        assertThat(summaries.list).isEmpty();
    }

    private static List<String> messages(ListAppender<ILoggingEvent> appender) {
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
