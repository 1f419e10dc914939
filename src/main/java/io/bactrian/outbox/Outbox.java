package io.bactrian.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The messages that committed transactions have caused and the broker does not have yet.
 *
 * <p>{@link #write} belongs to the transaction that causes the message. After the commit the same thread finds it in
 * {@link #committed} and sends it; if the process dies between, {@link #overdue} gives it to the sweeper of any node. So a
 * message can be sent twice, always with the same id.
 */
@Service
public class Outbox {
    /** Older than this and still here, a message was left behind by a process that died. */
    private static final Duration OVERDUE = Duration.ofSeconds(10);

    private static final TypeReference<Map<String, String>> PROPERTIES = new TypeReference<>() {};

    private final ThreadLocal<List<OutboxMessage>> committed = ThreadLocal.withInitial(ArrayList::new);
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    Outbox(JdbcClient database, ObjectMapper json, Clock clock) {
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Writes a message of ordinary priority that is sent if and only if the surrounding transaction commits.
     *
     * @param body written as JSON
     * @param properties message properties, for selectors of those who listen
     * @param deliverAt when the broker is to deliver it, or null for at once
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void write(
            Destination destination, Object body, Map<String, String> properties, @Nullable Instant deliverAt) {
        write(destination, body, properties, deliverAt, OutboxMessage.ORDINARY);
    }

    /**
     * Writes a message that is sent if and only if the surrounding transaction commits.
     *
     * @param body written as JSON
     * @param properties message properties, for selectors of those who listen
     * @param deliverAt when the broker is to deliver it, or null for at once
     * @param priority of the message in its queue, from 0 to 9
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void write(
            Destination destination,
            Object body,
            Map<String, String> properties,
            @Nullable Instant deliverAt,
            int priority) {
        OutboxMessage message = new OutboxMessage(
                UUID.randomUUID(), destination, text(body), Map.copyOf(properties), deliverAt, priority);
        database.sql("""
                        INSERT INTO outbox (id, destination, body, properties, deliver_at, priority, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        message.id(),
                        destination.name(),
                        message.body(),
                        text(properties),
                        deliverAt == null ? null : Timestamp.from(deliverAt),
                        priority,
                        Timestamp.from(clock.instant()))
                .update();
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                committed.get().add(message);
            }
        });
    }

    /** Takes the messages of this thread's transactions that have committed since the last call. */
    public List<OutboxMessage> committed() {
        List<OutboxMessage> messages = committed.get();
        committed.remove();
        return messages;
    }

    /** Forgets a message that the broker has taken. */
    public void sent(OutboxMessage message) {
        // Losing this deletion in a crash only sends the message again, so it need not wait for the disk.
        database.sql("""
                        WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true))
                        DELETE FROM outbox USING relaxed WHERE id = ?""").param(message.id()).update();
    }

    /** The oldest messages that were committed a while ago and are still not known to be sent, at most 500. */
    public List<OutboxMessage> overdue() {
        return database.sql("""
                        SELECT id, destination, body, properties, deliver_at, priority FROM outbox
                         WHERE created_at < ? ORDER BY created_at LIMIT 500""")
                .param(Timestamp.from(clock.instant().minus(OVERDUE)))
                .query(this::message)
                .list();
    }

    private OutboxMessage message(ResultSet row, int number) throws SQLException {
        Timestamp deliverAt = row.getTimestamp("deliver_at");
        try {
            return new OutboxMessage(
                    row.getObject("id", UUID.class),
                    Destination.valueOf(row.getString("destination")),
                    row.getString("body"),
                    json.readValue(row.getString("properties"), PROPERTIES),
                    deliverAt == null ? null : deliverAt.toInstant(),
                    row.getInt("priority"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The outbox has a message with unreadable properties.", e);
        }
    }

    private String text(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("An outbox message must be serialisable as JSON.", e);
        }
    }
}
