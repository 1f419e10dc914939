package io.bactrian.webhook;

import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The deliveries of events, with their attempts, in the database. */
@Component
class EventDeliveryStore {
    /** How long it can be read what became of a delivery, and how long a paused endpoint's deliveries wait. */
    private static final Duration KEPT = Duration.ofDays(30);

    private final JdbcClient database;
    private final Clock clock;

    EventDeliveryStore(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Claims deliveries of an endpoint that are due for one of its lanes: those that it has claimed before and not made, and
     * others that no lane has, the longest due first.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    List<DueDelivery> claim(long endpoint, int lane, int most) {
        return database.sql("""
                        WITH claimed AS (
                            UPDATE event_delivery SET lane = :lane WHERE id IN (
                                SELECT id FROM event_delivery
                                 WHERE endpoint_id = :endpoint AND status = 'pending' AND next_attempt_at <= :now
                                   AND (lane IS NULL OR lane = :lane)
                                 ORDER BY next_attempt_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
                            RETURNING id, event_id, attempts, attempts_before, next_attempt_at)
                        SELECT c.id, c.event_id, c.attempts, c.attempts_before, e.body
                          FROM claimed c JOIN webhook_event e ON e.id = c.event_id ORDER BY c.next_attempt_at, c.id""")
                .param("lane", lane)
                .param("endpoint", endpoint)
                .param("now", Timestamp.from(clock.instant()))
                .param("most", most)
                .query((row, number) -> new DueDelivery(
                        row.getLong(1), row.getString(2), row.getInt(3), row.getInt(4), row.getBytes(5)))
                .list();
    }

    /** Gives back what a lane has claimed and not made. */
    @Transactional(propagation = Propagation.MANDATORY)
    void release(long endpoint, int lane) {
        database.sql("""
                        UPDATE event_delivery SET lane = NULL
                         WHERE endpoint_id = ? AND status = 'pending' AND lane = ?""").params(endpoint, lane).update();
    }

    /**
     * Stores an attempt and what follows from it; nothing if another attempt was stored in between, or the delivery is gone.
     *
     * <p>It need not wait for the disk: if it is lost in a crash, the event is delivered once more, with the same id.
     *
     * @param next when the next attempt is due; null unless it stays pending
     */
    void store(DueDelivery delivery, DeliveryAttempt attempt, DeliveryStatus status, @Nullable Instant next) {
        database.sql("""
                        WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true)),
                        stored AS (
                            UPDATE event_delivery d
                               SET attempts = attempts + 1, status = :status, next_attempt_at = :next, lane = NULL,
                                   ended_at = :ended
                              FROM relaxed
                             WHERE d.id = :id AND d.attempts = :attempts AND d.status = 'pending'
                            RETURNING d.id, d.attempts)
                        INSERT INTO event_attempt
                               (delivery_id, number, begun_at, status_code, duration_ms, error, response_body)
                        SELECT id, attempts, :begun, :code, :duration, :error, :body FROM stored""")
                .param("status", status.value())
                .param("next", next == null ? null : Timestamp.from(next), Types.TIMESTAMP)
                .param("ended", next == null ? Timestamp.from(clock.instant()) : null, Types.TIMESTAMP)
                .param("id", delivery.id())
                .param("attempts", delivery.attempts())
                .param("begun", Timestamp.from(attempt.at()))
                .param("code", attempt.statusCode(), Types.INTEGER)
                .param("duration", attempt.durationMs())
                .param("error", attempt.error(), Types.VARCHAR)
                .param("body", attempt.responseBody(), Types.VARCHAR)
                .update();
    }

    /** When the next delivery of an endpoint is due that no lane has, or null where none is pending. */
    @Nullable
    Instant nextDue(long endpoint) {
        Timestamp next = database.sql("""
                        SELECT min(next_attempt_at) FROM event_delivery
                         WHERE endpoint_id = ? AND status = 'pending' AND lane IS NULL""")
                .param(endpoint)
                .query((row, number) -> row.getTimestamp(1))
                .list()
                .getFirst();
        return next == null ? null : next.toInstant();
    }

    /** Gives up what a lane has claimed and not made; says how much. */
    @Transactional(propagation = Propagation.MANDATORY)
    int giveUp(long endpoint, int lane) {
        return database.sql("""
                        UPDATE event_delivery SET status = 'failed', next_attempt_at = NULL, lane = NULL, ended_at = ?
                         WHERE endpoint_id = ? AND status = 'pending' AND lane = ?""")
                .params(Timestamp.from(clock.instant()), endpoint, lane)
                .update();
    }

    /** Gives up all that an endpoint has not been sent. */
    @Transactional(propagation = Propagation.MANDATORY)
    void giveUp(long endpoint) {
        database.sql("""
                        UPDATE event_delivery SET status = 'failed', next_attempt_at = NULL, lane = NULL, ended_at = ?
                         WHERE endpoint_id = ? AND status = 'pending'""").params(Timestamp.from(clock.instant()), endpoint).update();
    }

    /** Forgets what ended more than 30 days ago, and gives up what a paused endpoint has not been sent for as long. */
    @Transactional
    void forgetOld() {
        Instant now = clock.instant();
        Timestamp before = Timestamp.from(now.minus(KEPT));
        database.sql("""
                        UPDATE event_delivery SET status = 'failed', next_attempt_at = NULL, lane = NULL, ended_at = ?
                         WHERE status = 'pending' AND created_at < ? AND endpoint_id IN (
                            SELECT id FROM webhook_endpoint WHERE NOT is_active)""").params(Timestamp.from(now), before).update();
        database.sql("DELETE FROM event_delivery WHERE ended_at < ?")
                .param(before)
                .update();
        database.sql("""
                        DELETE FROM webhook_event e WHERE created_at < ?
                           AND NOT EXISTS (SELECT 1 FROM event_delivery d WHERE d.event_id = e.id)""").param(before).update();
        database.sql("""
                        DELETE FROM webhook_endpoint w WHERE NOT registered AND created_at < ?
                           AND NOT EXISTS (SELECT 1 FROM event_delivery d WHERE d.endpoint_id = w.id)""").param(before).update();
    }
}
