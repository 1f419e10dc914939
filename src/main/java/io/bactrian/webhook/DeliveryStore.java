package io.bactrian.webhook;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Deliveries in the database, each with a message in the queue as long as it is pending.
 *
 * <p>A message can arrive twice, and a process can die at any point. The delivery's sequence decides: only who finds the
 * sequence of the message changes anything, and moves it on with the message that follows, in one transaction.
 */
@Component
final class DeliveryStore {
    /** A message so late was lost with a broker's data; or it waits behind many others, and another does no harm. */
    private static final Duration LOST = Duration.ofHours(1);

    private static final int LOST_AT_ONCE = 500;

    /** Each with up to a dozen attempts. */
    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final Outbox outbox;
    private final Clock clock;
    private final DeliveryLists lists;

    DeliveryStore(JdbcClient database, TransactionTemplate transactions, Outbox outbox, Clock clock) {
        this.database = database;
        this.transactions = transactions;
        this.outbox = outbox;
        this.clock = clock;
        this.lists = new DeliveryLists(database, "webhook_delivery", "webhook_attempt");
    }

    /** A new delivery of a file, due at once; gives its id. */
    long insert(UUID accountId, String subject, String format, String url, String eventId) {
        Timestamp now = Timestamp.from(clock.instant());
        Long id = transactions.execute(transaction -> {
            long inserted = database.sql("""
                            INSERT INTO webhook_delivery
                                   (account_id, subject, format, url, event, event_id, next_attempt_at, created_at)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""")
                    .params(accountId, subject, format, url, "export." + format, eventId, now, now)
                    .query(Long.class)
                    .single();
            send(new DeliveryToken(inserted, 0), null);
            return inserted;
        });
        return id == null ? 0 : id;
    }

    /** What a message asks for, or empty when it is out of date. */
    Optional<PendingDelivery> find(DeliveryToken token) {
        return database.sql("""
                        SELECT account_id, subject, format, url, event_id, attempts FROM webhook_delivery
                         WHERE id = ? AND sequence = ? AND status = 'pending'""")
                .params(token.delivery(), token.sequence())
                .query((row, number) -> new PendingDelivery(
                        token,
                        row.getObject("account_id", UUID.class),
                        row.getString("subject"),
                        row.getString("format"),
                        row.getString("url"),
                        row.getString("event_id"),
                        row.getInt("attempts")))
                .optional();
    }

    /** Puts a message back until then, without an attempt. */
    void putBack(DeliveryToken token, Instant until) {
        transactions.executeWithoutResult(transaction -> {
            int found = database.sql("""
                            UPDATE webhook_delivery SET sequence = sequence + 1, next_attempt_at = ?
                             WHERE id = ? AND sequence = ? AND status = 'pending'""")
                    .params(Timestamp.from(until), token.delivery(), token.sequence())
                    .update();
            if (found > 0) {
                send(new DeliveryToken(token.delivery(), token.sequence() + 1), until);
            }
        });
    }

    /**
     * Stores an attempt and what follows from it; nothing if the delivery has moved on, or is gone.
     *
     * @param next when the next attempt is due; null unless it stays pending
     */
    void store(DeliveryToken token, DeliveryAttempt attempt, DeliveryStatus status, @Nullable Instant next) {
        Timestamp ended = next == null ? Timestamp.from(clock.instant()) : null;
        transactions.executeWithoutResult(transaction -> database.sql("""
                        UPDATE webhook_delivery
                           SET sequence = sequence + 1, attempts = attempts + 1, status = :status,
                               next_attempt_at = :next, ended_at = :ended
                         WHERE id = :id AND sequence = :sequence AND status = 'pending' RETURNING attempts""")
                .param("status", status.value())
                .param("next", next == null ? null : Timestamp.from(next), Types.TIMESTAMP)
                .param("ended", ended, Types.TIMESTAMP)
                .param("id", token.delivery())
                .param("sequence", token.sequence())
                .query(Integer.class)
                .optional()
                .ifPresent(number -> {
                    insert(token.delivery(), number, attempt);
                    if (next != null) {
                        send(new DeliveryToken(token.delivery(), token.sequence() + 1), next);
                    }
                }));
    }

    private void insert(long delivery, int number, DeliveryAttempt attempt) {
        database.sql("""
                        INSERT INTO webhook_attempt
                               (delivery_id, number, begun_at, status_code, duration_ms, error, response_body)
                        VALUES (:delivery, :number, :begun, :status, :duration, :error, :body)""")
                .param("delivery", delivery)
                .param("number", number)
                .param("begun", Timestamp.from(attempt.at()))
                .param("status", attempt.statusCode(), Types.INTEGER)
                .param("duration", attempt.durationMs())
                .param("error", storable(attempt.error()), Types.VARCHAR)
                .param("body", storable(attempt.responseBody()), Types.VARCHAR)
                .update();
    }

    /** Writes the messages anew of deliveries that have been due for very long. */
    void sendLost() {
        Instant now = clock.instant();
        transactions.executeWithoutResult(transaction -> database.sql("""
                        UPDATE webhook_delivery SET next_attempt_at = ? WHERE id IN (
                            SELECT id FROM webhook_delivery WHERE status = 'pending' AND next_attempt_at < ? LIMIT ?)
                        RETURNING id, sequence""")
                .params(Timestamp.from(now), Timestamp.from(now.minus(LOST)), LOST_AT_ONCE)
                .query((row, number) -> new DeliveryToken(row.getLong("id"), row.getLong("sequence")))
                .list()
                .forEach(token -> send(token, null)));
    }

    /** The deliveries of a subject, the newest first. */
    DeliveryPage page(UUID accountId, String subject, int page, int limit) {
        return lists.page(
                "account_id = :account AND subject = :subject",
                Map.of("account", accountId, "subject", subject),
                page,
                limit);
    }

    /**
     * Forgets some of what ended before then, with its attempts.
     *
     * @return whether there may be more
     */
    boolean forgetEnded(Instant before) {
        return database.sql("""
                        DELETE FROM webhook_delivery WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM webhook_delivery WHERE ended_at < ?
                             ORDER BY ended_at LIMIT ? FOR UPDATE SKIP LOCKED))""")
                        .params(Timestamp.from(before), FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    /**
     * Forgets some deliveries of an account, pending ones too.
     *
     * @return whether there may be more
     */
    boolean forget(UUID accountId) {
        return database.sql("""
                        DELETE FROM webhook_delivery WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM webhook_delivery WHERE account_id = ? LIMIT ? FOR UPDATE SKIP LOCKED))""").params(accountId, FORGOTTEN_AT_ONCE).update() == FORGOTTEN_AT_ONCE;
    }

    private void send(DeliveryToken token, @Nullable Instant at) {
        outbox.write(Destination.EXPORTS_DELIVER, token, Map.of(), at);
    }

    /** PostgreSQL keeps no NUL in a text. */
    static @Nullable String storable(@Nullable String text) {
        return text == null ? null : text.replace('\0', '\uFFFD');
    }
}
