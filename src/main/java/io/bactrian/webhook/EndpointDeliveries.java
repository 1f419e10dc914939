package io.bactrian.webhook;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.Window;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The deliveries of events to endpoints, as owners see them and ask for them anew.
 *
 * <p>Whatever is asked for here is due at once; the messages that this causes are in the outbox. What is added to an endpoint
 * that is paused would wait unseen, so it is refused.
 */
@Service
public final class EndpointDeliveries {
    private static final int AT_ONCE = 500;

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final EndpointLanes lanes;
    private final Events events;
    private final Clock clock;
    private final DeliveryLists lists;

    EndpointDeliveries(
            JdbcClient database, TransactionTemplate transactions, EndpointLanes lanes, Events events, Clock clock) {
        this.database = database;
        this.transactions = transactions;
        this.lanes = lanes;
        this.events = events;
        this.clock = clock;
        this.lists = new DeliveryLists(database, "event_delivery", "event_attempt");
    }

    private record State(String firstEvent, boolean active, long owner) {}

    /**
     * The deliveries to one of the account's endpoints, the newest first.
     *
     * @param status only those, or null for all
     * @param page from 1
     * @throws NotFoundException if the account has no such endpoint
     */
    public DeliveryPage list(UUID accountId, long endpointId, @Nullable DeliveryStatus status, int page, int limit) {
        boolean found = database.sql("SELECT id FROM webhook_endpoint WHERE id = ? AND account_id = ? AND registered")
                .params(endpointId, accountId)
                .query(Long.class)
                .optional()
                .isPresent();
        if (!found) {
            throw new NotFoundException("Webhook");
        }
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("endpoint", endpointId);
        if (status == null) {
            return lists.page("endpoint_id = :endpoint", parameters, page, limit);
        }
        parameters.put("status", status.value());
        return lists.page("endpoint_id = :endpoint AND status = :status", parameters, page, limit);
    }

    /**
     * Some of an endpoint's deliveries, the newest first.
     *
     * @param before only those with a smaller id
     */
    public List<Delivery> some(long endpointId, long before) {
        return lists.some(
                "endpoint_id = :endpoint AND id < :before",
                Map.of("endpoint", endpointId, "before", before),
                new Window(false, 0, AT_ONCE));
    }

    /**
     * Some of the addresses to which an account's events were sent, oldest first, registered or not.
     *
     * @param after only those with a larger id
     */
    public List<EventReceiver> receivers(UUID accountId, long after) {
        return database.sql("""
                        SELECT id, registered, url, events, is_active, disabled_reason, created_at, last_delivered_at
                          FROM webhook_endpoint WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?""")
                .params(accountId, after, AT_ONCE)
                .query((row, number) -> {
                    Timestamp delivered = row.getTimestamp("last_delivered_at");
                    return new EventReceiver(
                            row.getLong("id"),
                            row.getBoolean("registered"),
                            row.getString("url"),
                            List.of((String[]) row.getArray("events").getArray()),
                            row.getBoolean("is_active"),
                            row.getString("disabled_reason"),
                            row.getTimestamp("created_at").toInstant(),
                            delivered == null ? null : delivered.toInstant());
                })
                .list();
    }

    /**
     * Makes a delivery again, whatever became of it: the same event, with the same id and a schedule of retries from its
     * beginning. One that is pending is made due.
     *
     * @throws NotFoundException if the account has no such endpoint, or the endpoint no such delivery
     * @throws InvalidInputException if the endpoint is not active
     */
    public void redeliver(UUID accountId, long endpointId, long deliveryId) {
        transactions.executeWithoutResult(transaction -> {
            requireActive(accountId, endpointId);
            // One that is under way is due already, and its lane is about to say what came of it.
            int found = database.sql("""
                            UPDATE event_delivery
                               SET next_attempt_at = CASE WHEN lane IS NULL THEN :now ELSE next_attempt_at END,
                                   attempts_before = CASE status WHEN 'pending' THEN attempts_before ELSE attempts END,
                                   status = 'pending', ended_at = NULL
                             WHERE id = :id AND endpoint_id = :endpoint""")
                    .param("now", Timestamp.from(clock.instant()))
                    .param("id", deliveryId)
                    .param("endpoint", endpointId)
                    .update();
            if (found == 0) {
                throw new NotFoundException("Delivery");
            }
            lanes.wake(endpointId);
        });
    }

    /**
     * Makes all deliveries again that have failed, of events of a span of time.
     *
     * @param from the earliest creation of a delivery
     * @param to the latest
     * @return how many
     * @throws NotFoundException if the account has no such endpoint
     * @throws InvalidInputException if the endpoint is not active, or the span ends before it begins
     */
    public int redeliverFailed(UUID accountId, long endpointId, Instant from, Instant to) {
        if (to.isBefore(from)) {
            throw new InvalidInputException("to", "to must not be before from.");
        }
        Integer count = transactions.execute(transaction -> {
            requireActive(accountId, endpointId);
            int made = database.sql("""
                            UPDATE event_delivery
                               SET status = 'pending', next_attempt_at = :now, attempts_before = attempts, ended_at = NULL,
                                   lane = NULL
                             WHERE endpoint_id = :endpoint AND status = 'failed' AND created_at BETWEEN :from AND :to""")
                    .param("now", Timestamp.from(clock.instant()))
                    .param("endpoint", endpointId)
                    .param("from", Timestamp.from(from))
                    .param("to", Timestamp.from(to))
                    .update();
            if (made > 0) {
                lanes.wake(endpointId);
            }
            return made;
        });
        return Objects.requireNonNull(count);
    }

    /**
     * Sends an endpoint, and no other, an event of the first kind that it is told of, with made-up data in which
     * {@code test} is true.
     *
     * @return the id of the delivery
     * @throws NotFoundException if the account has no such endpoint
     * @throws InvalidInputException if the endpoint is not active
     */
    public long test(UUID accountId, long endpointId) {
        Long id = transactions.execute(transaction -> {
            State state = requireActive(accountId, endpointId);
            EventType type = EventType.find(state.firstEvent()).orElseThrow();
            Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            String event = Events.newId();
            String body = events.body(type, at, SampleEvents.data(type, at, accountId, state.owner()));
            database.sql("INSERT INTO webhook_event (id, account_id, type, body, created_at) VALUES (?, ?, ?, ?, ?)")
                    .params(event, accountId, type.code(), body.getBytes(StandardCharsets.UTF_8), Timestamp.from(at))
                    .update();
            long delivery = database.sql("""
                            INSERT INTO event_delivery (endpoint_id, event_id, event, next_attempt_at, created_at)
                            VALUES (?, ?, ?, ?, ?) RETURNING id""")
                    .params(endpointId, event, type.code(), Timestamp.from(at), Timestamp.from(at))
                    .query(Long.class)
                    .single();
            lanes.wake(endpointId);
            return delivery;
        });
        return Objects.requireNonNull(id);
    }

    /** Finds an endpoint, and locks it for sharing: an endpoint is locked before its deliveries. */
    private State requireActive(UUID accountId, long endpointId) {
        State state = database.sql("""
                        SELECT e.events[1], e.is_active, a.number FROM webhook_endpoint e JOIN account a ON a.id = e.account_id
                         WHERE e.id = ? AND e.account_id = ? AND e.registered FOR SHARE OF e""")
                .params(endpointId, accountId)
                .query((row, number) -> new State(row.getString(1), row.getBoolean(2), row.getLong(3)))
                .optional()
                .orElseThrow(() -> new NotFoundException("Webhook"));
        if (!state.active()) {
            throw new InvalidInputException(
                    "is_active", "This webhook is not active. Resume it first, by PUT with is_active 1.");
        }
        return state;
    }
}
