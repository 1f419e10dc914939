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
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
 * {@link #committed} and hands it to this node's senders; what they do not send, {@link #claim} gives to the sweeper of one
 * node. So a message can be sent twice, always with the same id.
 */
@Service
public class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    /** Older than this and still here, a message was left behind by a process that died, or could not be sent. */
    private static final Duration OVERDUE = Duration.ofSeconds(10);

    /** The most that a thread keeps in memory for its next dispatch; the sweeper sends the rest. */
    private static final int KEPT = 1000;

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
                UUID.randomUUID(), destination.name(), text(body), Map.copyOf(properties), deliverAt, priority);
        Instant now = clock.instant();
        database.sql("""
                        INSERT INTO outbox (id, destination, body, properties, deliver_at, priority, created_at,
                                            next_attempt_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        message.id(),
                        message.destination(),
                        message.body(),
                        text(properties),
                        deliverAt == null ? null : Timestamp.from(deliverAt),
                        priority,
                        Timestamp.from(now),
                        Timestamp.from(now.plus(OVERDUE)))
                .update();
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                List<OutboxMessage> messages = committed.get();
                if (messages.size() < KEPT) {
                    messages.add(message);
                }
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

    /**
     * Takes the messages whose next attempt is due, those due longest first; no other node is given them for a while, which
     * grows with each attempt from five seconds to ten minutes.
     *
     * @param most how many at most
     */
    @Transactional
    public List<OutboxMessage> claim(int most) {
        // Losing a claim in a crash only sends the message again.
        return database
                .sql("""
                        WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true)),
                             due AS (SELECT id FROM outbox WHERE next_attempt_at <= :now
                                      ORDER BY next_attempt_at LIMIT :most FOR UPDATE SKIP LOCKED)
                        UPDATE outbox
                           SET attempts = attempts + 1,
                               next_attempt_at = CAST(:now AS timestamptz) + least(interval '5 seconds' * (1 << least(attempts, 10)),
                                                              interval '10 minutes')
                          FROM due, relaxed WHERE outbox.id = due.id
                        RETURNING outbox.id, destination, body, properties, deliver_at, priority""")
                .param("now", Timestamp.from(clock.instant()))
                .param("most", most)
                .query(this::message)
                .list()
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** Makes a claimed message due again soon, because nothing is wrong with the message itself. */
    void postpone(OutboxMessage message, Duration wait) {
        database.sql("""
                        WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true))
                        UPDATE outbox SET attempts = 0, next_attempt_at = ? FROM relaxed WHERE id = ? AND attempts > 0""")
                .param(Timestamp.from(clock.instant().plus(wait)))
                .param(message.id())
                .update();
    }

    /** A row that cannot be read stays where it is, and keeps no other from leaving. */
    private Optional<OutboxMessage> message(ResultSet row, int number) throws SQLException {
        Timestamp deliverAt = row.getTimestamp("deliver_at");
        UUID id = row.getObject("id", UUID.class);
        try {
            return Optional.of(new OutboxMessage(
                    id,
                    row.getString("destination"),
                    row.getString("body"),
                    json.readValue(row.getString("properties"), PROPERTIES),
                    deliverAt == null ? null : deliverAt.toInstant(),
                    row.getInt("priority")));
        } catch (JsonProcessingException e) {
            LOG.error(
                    "The message {} in the table outbox has unreadable properties and is not sent. Correct or delete that row.",
                    id);
            return Optional.empty();
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
