package io.bactrian.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.NotFoundException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.ReturnTime;
import io.bactrian.recovery.Recovery;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The lanes of webhook endpoints: as many requests as an endpoint may be sent at once, each with a token while it has work.
 *
 * <p>A token takes a few deliveries that are due, attempts them, and is passed on: at once while there are more, else
 * at the time of the next retry, else not at all, and the lane is idle until it is woken. So an endpoint that fails or hangs
 * holds its own lanes and nobody else's. What is added locks the endpoint's row for sharing, and a lane that may go idle
 * locks it alone, so that nothing is added unseen between its last look and its rest.
 */
@Service
public class EndpointLanes {
    /** Deliveries that a token takes at once: few enough that a crash repeats little. */
    private static final int BATCH = 10;

    /** Lanes that have failed after their last reissue; {@code l} is {@code webhook_lane}. */
    private static final String HOPELESS = """
            l.due_at < :lost AND l.due_at + work_wait(:seconds, l.reissues) < :now
             AND l.reissues >= :most AND work_failed('endpoint:' || l.endpoint_id || ':lane:' || l.lane, l.due_at)""";

    /** Active endpoints without a lane awake whose oldest pending delivery is long overdue: one look at an index for each. */
    static final String ASLEEP = """
            SELECT w.id FROM webhook_endpoint w
             WHERE w.is_active
               AND NOT EXISTS (SELECT 1 FROM webhook_lane l WHERE l.endpoint_id = w.id AND l.due_at IS NOT NULL)
               AND (SELECT d.next_attempt_at FROM event_delivery d WHERE d.endpoint_id = w.id AND d.status = 'pending'
                     ORDER BY d.next_attempt_at LIMIT 1) < :lost
             ORDER BY w.id LIMIT :limit""";

    private final EventDeliveryStore deliveries;
    private final EndpointSecrets endpointSecrets;
    private final SigningSecrets accountSecrets;
    private final EndpointHealth health;
    private final WebhookProperties properties;
    private final Outbox outbox;
    private final Recovery recovery;
    private final TransactionTemplate transactions;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;
    private final String userAgent;

    EndpointLanes(
            EventDeliveryStore deliveries,
            EndpointSecrets endpointSecrets,
            SigningSecrets accountSecrets,
            EndpointHealth health,
            WebhookProperties properties,
            Outbox outbox,
            Recovery recovery,
            TransactionTemplate transactions,
            JdbcClient database,
            ObjectMapper json,
            Clock clock,
            @Value("${bactrian.scrape.contact-url:https://github.com/bactrian/bactrian}") String contactUrl) {
        this.deliveries = deliveries;
        this.endpointSecrets = endpointSecrets;
        this.accountSecrets = accountSecrets;
        this.health = health;
        this.properties = properties;
        this.outbox = outbox;
        this.recovery = recovery;
        this.transactions = transactions;
        this.database = database;
        this.json = json;
        this.clock = clock;
        this.userAgent = FileDeliveries.userAgent(contactUrl);
    }

    private record State(UUID accountId, boolean registered, String url, boolean active, boolean slow) {
        int lanes(int most) {
            return slow ? 1 : most;
        }
    }

    /**
     * Makes sure that deliveries of an endpoint that are due, or are being made due by this transaction, find a lane. An
     * endpoint that is not active has none.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void wake(long endpointId) {
        lock(endpointId, "FOR SHARE").filter(State::active).ifPresent(state -> wake(endpointId, state));
    }

    private void wake(long endpointId, State state) {
        if (!wakeOne(endpointId, state) && createLanes(endpointId)) {
            wakeOne(endpointId, state);
        }
    }

    /** Wakes a lane that is idle or waits for a later time, if there is one. */
    private boolean wakeOne(long endpointId, State state) {
        Timestamp now = Timestamp.from(clock.instant());
        return database.sql("""
                        UPDATE webhook_lane SET sequence = sequence + 1, due_at = ? WHERE (endpoint_id, lane) IN (
                            SELECT endpoint_id, lane FROM webhook_lane
                             WHERE endpoint_id = ? AND lane < ? AND (due_at IS NULL OR due_at > ?)
                             ORDER BY lane LIMIT 1 FOR UPDATE SKIP LOCKED)
                        RETURNING lane, sequence""")
                .params(now, endpointId, state.lanes(properties.perEndpoint()), now)
                .query((row, number) -> new EndpointToken(endpointId, row.getInt(1), row.getLong(2)))
                .optional()
                .map(token -> {
                    send(token, state.slow(), null);
                    return true;
                })
                .orElse(false);
    }

    /**
     * Makes the lanes that an endpoint lacks, one transaction after another: two that insert the same rows at once can wait for
     * each other.
     */
    private boolean createLanes(long endpointId) {
        if (countLanes(endpointId) >= properties.perEndpoint()) {
            return false;
        }
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended('webhook_lane ' || ?, 0))")
                .param(endpointId)
                .query((row, number) -> number)
                .list();
        return database.sql("""
                        INSERT INTO webhook_lane (endpoint_id, lane) SELECT ?, generate_series(0, ? - 1)
                        ON CONFLICT DO NOTHING""").params(endpointId, properties.perEndpoint()).update() > 0;
    }

    private int countLanes(long endpointId) {
        return database.sql("SELECT count(*) FROM webhook_lane WHERE endpoint_id = ?")
                .param(endpointId)
                .query(Integer.class)
                .single();
    }

    /**
     * Takes a token, and claims deliveries for its lane.
     *
     * @return the step, or null when the token is out of date, or there is nothing to deliver
     */
    @Transactional
    public @Nullable EndpointStep take(String message) throws JsonProcessingException {
        EndpointToken token = json.readValue(message, EndpointToken.class);
        // What is claimed need not be on the disk: after a crash it is claimed again.
        database.sql("SELECT set_config('synchronous_commit', 'off', true)")
                .query(String.class)
                .single();
        State state = lock(token.endpoint(), "FOR SHARE").orElse(null);
        Held held = state == null ? null : held(token);
        if (state == null || held == null) {
            return null;
        }
        // A step of this lane that died has left what it had claimed.
        deliveries.release(token.lane(), held.claimed());
        List<SigningSecret> secrets = state.active() ? secrets(token.endpoint(), state) : List.of();
        if (secrets.isEmpty()) {
            rest(token);
            return null;
        }
        List<DueDelivery> due = deliveries.claim(token.endpoint(), token.lane(), BATCH);
        if (due.size() == BATCH) {
            wake(token.endpoint(), state);
        }
        return new EndpointStep(
                token,
                held.due(),
                new EndpointStep.Endpoint(
                        token.endpoint(), state.accountId(), state.registered(), HttpUrl.parse(state.url()), secrets),
                due,
                deliveries,
                userAgent,
                clock);
    }

    /** What the endpoint is signed with; nothing if its account is closed. */
    private List<SigningSecret> secrets(long endpointId, State state) {
        try {
            return state.registered() ? endpointSecrets.valid(endpointId) : accountSecrets.valid(state.accountId());
        } catch (NotFoundException closed) {
            return List.of();
        }
    }

    /** Notes what a step has told of its endpoint, and passes the lane's token on, or lets the lane rest. */
    @Transactional
    public void pass(EndpointStep step) {
        EndpointToken token = step.token();
        State state = lock(token.endpoint(), "FOR NO KEY UPDATE").orElse(null);
        Held held = state == null ? null : held(token);
        if (state == null || held == null) {
            return;
        }
        deliveries.release(token.lane(), held.claimed());
        boolean slow = step.asked() ? step.slow() : state.slow();
        if (!health.note(step) || !state.active()) {
            rest(token);
            return;
        }
        Instant now = clock.instant();
        Instant next = deliveries.nextDue(token.endpoint());
        if (next == null || mayRest(token, slow, next, now)) {
            rest(token);
        } else if (step.asked()) {
            passOn(token, slow, next.isAfter(now) ? next : now, next.isAfter(now) ? next : null);
        } else {
            ReturnTime back = step.returnTime(next);
            passOn(token, slow, back.due(), back.deliverAt());
        }
    }

    /** Whether another lane will see to what is due next; a slow endpoint has its first lane only. */
    private boolean mayRest(EndpointToken token, boolean slow, Instant next, Instant now) {
        if (slow && token.lane() > 0) {
            ensureFirstLane(token.endpoint(), next.isAfter(now) ? next : now);
            return true;
        }
        return next.isAfter(now)
                && database.sql("""
                                SELECT count(*) > 0 FROM webhook_lane
                                 WHERE endpoint_id = ? AND lane <> ? AND due_at <= ?""")
                        .params(token.endpoint(), token.lane(), Timestamp.from(next))
                        .query(Boolean.class)
                        .single();
    }

    private void ensureFirstLane(long endpointId, Instant at) {
        Timestamp due = Timestamp.from(at);
        database.sql("""
                        UPDATE webhook_lane SET sequence = sequence + 1, due_at = ?
                         WHERE endpoint_id = ? AND lane = 0 AND (due_at IS NULL OR due_at > ?)
                        RETURNING sequence""")
                .params(due, endpointId, due)
                .query(Long.class)
                .optional()
                .ifPresent(sequence -> send(new EndpointToken(endpointId, 0, sequence), true, at));
    }

    private void passOn(EndpointToken token, boolean slow, Instant due, @Nullable Instant at) {
        database.sql("""
                        UPDATE webhook_lane SET sequence = sequence + 1, reissues = 0, due_at = ?, claimed = '{}'
                          WHERE endpoint_id = ? AND lane = ?""")
                .params(Timestamp.from(due), token.endpoint(), token.lane())
                .update();
        send(new EndpointToken(token.endpoint(), token.lane(), token.sequence() + 1), slow, at);
    }

    private void rest(EndpointToken token) {
        database.sql("""
                        UPDATE webhook_lane SET sequence = sequence + 1, reissues = 0, due_at = NULL, claimed = '{}'
                          WHERE endpoint_id = ? AND lane = ?""").params(token.endpoint(), token.lane()).update();
    }

    /**
     * What a lane holds while it has a token.
     *
     * @param due when the token was due
     * @param claimed the deliveries that the lane has claimed
     */
    private record Held(Instant due, List<Long> claimed) {}

    /**
     * What the lane holds, or null if this is not the last token that it was given; the lane is locked until the transaction
     * ends.
     */
    private @Nullable Held held(EndpointToken token) {
        return database.sql("""
                        SELECT due_at, claimed FROM webhook_lane
                         WHERE endpoint_id = ? AND lane = ? AND sequence = ? AND due_at IS NOT NULL FOR NO KEY UPDATE""")
                .params(token.endpoint(), token.lane(), token.sequence())
                .query((row, number) -> new Held(row.getTimestamp(1).toInstant(), List.of((Long[])
                        row.getArray(2).getArray())))
                .optional()
                .orElse(null);
    }

    private Optional<State> lock(long endpointId, String lock) {
        return database.sql("SELECT account_id, registered, url, is_active, slow FROM webhook_endpoint WHERE id = ? "
                        + lock)
                .param(endpointId)
                .query((row, number) -> new State(
                        row.getObject(1, UUID.class),
                        row.getBoolean(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getBoolean(5)))
                .optional();
    }

    private record Hopeless(long endpoint, int lane) {
        String work() {
            return "endpoint:" + endpoint + ":lane:" + lane;
        }
    }

    /**
     * Issues another token to each lane whose token is lost, and wakes endpoints that have work and no lane awake. A lane that
     * has failed after its last reissue gives up what it has claimed; if it cannot even claim, its endpoint is switched off.
     */
    public void reissueLostTokens() {
        List<Hopeless> hopeless = recovery.statement("SELECT l.endpoint_id, l.lane FROM webhook_lane l WHERE "
                        + HOPELESS + " ORDER BY l.due_at LIMIT :few")
                .query((row, number) -> new Hopeless(row.getLong(1), row.getInt(2)))
                .list();
        Recovery.forEach(hopeless, "give up what is claimed by lane", this::abandon);
        transactions.executeWithoutResult(transaction -> reissue());
    }

    private void reissue() {
        recovery.statement("""
                        UPDATE webhook_lane l
                           SET due_at = :now, sequence = l.sequence + 1,
                               reissues = l.reissues
                                   + work_failed('endpoint:' || l.endpoint_id || ':lane:' || l.lane, l.due_at)::integer
                          FROM webhook_endpoint w
                         WHERE w.id = l.endpoint_id AND (l.endpoint_id, l.lane) IN (
                            SELECT endpoint_id, lane FROM webhook_lane
                             WHERE due_at < :lost AND due_at + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most
                                    OR NOT work_failed('endpoint:' || endpoint_id || ':lane:' || lane, due_at))
                             ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING l.endpoint_id, l.lane, l.sequence, w.slow""")
                .query((row, number) -> {
                    send(new EndpointToken(row.getLong(1), row.getInt(2), row.getLong(3)), row.getBoolean(4), null);
                    return row.getLong(1);
                })
                .list();
        recovery.statement(ASLEEP).query(Long.class).list().forEach(this::wake);
    }

    private void abandon(Hopeless lane) {
        String consequence = transactions.execute(transaction -> giveUp(lane));
        if (consequence != null) {
            recovery.abandoned("endpoint", lane.work(), consequence);
        }
    }

    private @Nullable String giveUp(Hopeless lane) {
        lock(lane.endpoint(), "FOR NO KEY UPDATE");
        int resting = recovery.statement("""
                        UPDATE webhook_lane l SET sequence = l.sequence + 1, reissues = 0, due_at = NULL, claimed = '{}'
                         WHERE l.endpoint_id = :endpoint AND l.lane = :lane AND
                        """ + HOPELESS)
                .param("endpoint", lane.endpoint())
                .param("lane", lane.lane())
                .update();
        if (resting == 0) {
            return null;
        }
        int given = deliveries.giveUp(lane.endpoint(), lane.lane());
        if (given > 0) {
            if (deliveries.nextDue(lane.endpoint()) != null) {
                wake(lane.endpoint());
            }
            return "The %d deliveries that it had claimed have failed.".formatted(given);
        }
        deliveries.giveUp(lane.endpoint());
        database.sql("UPDATE webhook_endpoint SET is_active = false, disabled_reason = ? WHERE id = ? AND registered")
                .params("The service failed to deliver to it again and again.", lane.endpoint())
                .update();
        return "Its endpoint cannot be served: it is switched off, and its deliveries have failed.";
    }

    private void send(EndpointToken token, boolean slow, @Nullable Instant at) {
        outbox.write(slow ? Destination.WEBHOOKS_DELIVER_SLOW : Destination.WEBHOOKS_DELIVER, token, Map.of(), at);
    }

    /**
     * Gives up some deliveries to endpoints that were switched off, or that have been paused for 30 days.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean giveUpUndeliverable() {
        return deliveries.giveUpUndeliverable();
    }

    /**
     * Forgets some deliveries that ended more than 30 days ago.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean forgetOldDeliveries() {
        return deliveries.forgetOldDeliveries();
    }

    /**
     * Forgets some events of which no delivery is left.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean forgetOldEvents() {
        return deliveries.forgetOldEvents();
    }

    /**
     * Forgets some of the endpoints that tasks named and that got no event for 30 days.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean forgetIdleEndpoints() {
        return deliveries.forgetIdleEndpoints();
    }
}
