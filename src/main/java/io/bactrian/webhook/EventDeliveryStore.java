package io.bactrian.webhook;

import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    /** Deliveries that one statement changes or deletes, each with up to a dozen attempts. */
    static final int AT_ONCE = 2_000;

    private final JdbcClient database;
    private final Clock clock;

    EventDeliveryStore(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Claims deliveries of an endpoint that are due and that no lane has, the longest due first, for one of its lanes, which
     * holds none. The lane's row notes which they are.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    List<DueDelivery> claim(long endpoint, int lane, int most) {
        return database.sql("""
                        WITH claimed AS (
                            UPDATE event_delivery SET lane = :lane WHERE id = ANY(ARRAY(
                                SELECT id FROM event_delivery
                                 WHERE endpoint_id = :endpoint AND status = 'pending' AND next_attempt_at <= :now
                                   AND lane IS NULL
                                 ORDER BY next_attempt_at, id LIMIT :most FOR UPDATE SKIP LOCKED))
                            RETURNING id, event_id, attempts, attempts_before, next_attempt_at),
                        noted AS (
                            UPDATE webhook_lane SET claimed = ARRAY(SELECT id FROM claimed)
                             WHERE endpoint_id = :endpoint AND lane = :lane)
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

    /**
     * Gives back what a lane has claimed and not made.
     *
     * @param claimed what its row says, which takes no look at the endpoint's other deliveries
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void release(int lane, List<Long> claimed) {
        if (!claimed.isEmpty()) {
            database.sql("UPDATE event_delivery SET lane = NULL WHERE id = ANY(?) AND status = 'pending' AND lane = ?")
                    .params(claimed.toArray(Long[]::new), lane)
                    .update();
        }
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
        return database.sql("""
                        SELECT next_attempt_at FROM event_delivery
                         WHERE endpoint_id = ? AND status = 'pending' AND lane IS NULL
                         ORDER BY next_attempt_at, id LIMIT 1""")
                .param(endpoint)
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .optional()
                .orElse(null);
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

    /**
     * Gives up what an endpoint has not been sent, the longest due first and at most {@link #AT_ONCE}, so that its row is not
     * locked for long. The rest is given up by {@link #giveUpUndeliverable} where the endpoint is switched off, and after its
     * next failure where it is not.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void giveUp(long endpoint) {
        giveUp(endpoint, "infinity");
    }

    /** @param dueBefore a time as PostgreSQL reads it */
    private int giveUp(long endpoint, String dueBefore) {
        return database.sql("""
                        UPDATE event_delivery SET status = 'failed', next_attempt_at = NULL, lane = NULL, ended_at = ?
                         WHERE id = ANY(ARRAY(
                            SELECT id FROM event_delivery
                             WHERE endpoint_id = ? AND status = 'pending' AND next_attempt_at < CAST(? AS timestamptz)
                             ORDER BY next_attempt_at, id LIMIT ? FOR UPDATE SKIP LOCKED))""")
                .params(Timestamp.from(clock.instant()), endpoint, dueBefore, AT_ONCE)
                .update();
    }

    /**
     * Gives up some deliveries of an endpoint that was switched off, or that has been paused since they were due 30 days ago.
     *
     * @return whether there may be more
     */
    @Transactional
    boolean giveUpUndeliverable() {
        String old = clock.instant().minus(KEPT).toString();
        Optional<Long> endpoint = database.sql("""
                        SELECT id FROM webhook_endpoint w WHERE NOT is_active AND EXISTS (
                            SELECT 1 FROM event_delivery d
                             WHERE d.endpoint_id = w.id AND d.status = 'pending' AND d.next_attempt_at <
                                CASE WHEN w.disabled_reason IS NULL THEN CAST(? AS timestamptz) ELSE 'infinity' END)
                         LIMIT 1""").param(old).query(Long.class).optional();
        // It may have been resumed since; its row is locked before its deliveries.
        endpoint.flatMap(id -> database.sql(
                                "SELECT disabled_reason IS NULL FROM webhook_endpoint WHERE id = ? AND NOT is_active FOR SHARE")
                        .param(id)
                        .query(Boolean.class)
                        .optional())
                .ifPresent(paused -> giveUp(endpoint.orElseThrow(), paused ? old : "infinity"));
        return endpoint.isPresent();
    }

    /**
     * Forgets some deliveries that ended more than 30 days ago.
     *
     * @return whether there may be more
     */
    boolean forgetOldDeliveries() {
        return database.sql("""
                        DELETE FROM event_delivery WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM event_delivery WHERE ended_at < ?
                             ORDER BY ended_at LIMIT ? FOR UPDATE SKIP LOCKED))""").params(before(), AT_ONCE).update() == AT_ONCE;
    }

    /**
     * Forgets some events of which no delivery is left. One that is fanned out meanwhile is kept: it has another creation then.
     *
     * @return whether there may be more
     */
    boolean forgetOldEvents() {
        return database.sql("""
                        DELETE FROM webhook_event WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM webhook_event e WHERE created_at < ?
                               AND NOT EXISTS (SELECT 1 FROM event_delivery d WHERE d.event_id = e.id)
                             ORDER BY created_at LIMIT ? FOR UPDATE SKIP LOCKED))""").params(before(), AT_ONCE).update() == AT_ONCE;
    }

    /**
     * Forgets some endpoints of tasks that got no event for 30 days and of which no delivery is left. One that gets an event
     * meanwhile is kept: the event has changed when it was last wanted.
     *
     * @return whether there may be more
     */
    boolean forgetIdleEndpoints() {
        return database.sql("""
                        DELETE FROM webhook_endpoint WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM webhook_endpoint w
                             WHERE NOT registered AND coalesce(wanted_at, created_at) < ?
                               AND NOT EXISTS (SELECT 1 FROM event_delivery d WHERE d.endpoint_id = w.id)
                             ORDER BY coalesce(wanted_at, created_at) LIMIT ? FOR UPDATE SKIP LOCKED))""").params(before(), AT_ONCE).update() == AT_ONCE;
    }

    private Timestamp before() {
        return Timestamp.from(clock.instant().minus(KEPT));
    }
}
