package io.bactrian.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Publishes events, each with the transaction that makes it happen: once for the topic {@code bactrian.tasks.events}, and once
 * for the account's webhooks.
 *
 * <p>Both are told the same: {@code {"type", "timestamp", "data"}}. On the topic, the message's properties {@code account_id},
 * {@code task_id}, {@code type}, {@code status} and {@code event_id} are for selectors.
 */
@Service
public class Events {
    private final Outbox outbox;
    private final ObjectMapper json;
    private final Clock clock;

    Events(Outbox outbox, ObjectMapper json, Clock clock) {
        this.outbox = outbox;
        this.json = json;
        this.clock = clock;
    }

    /** Publishes an event if and only if the surrounding transaction commits; gives its id. */
    @Transactional(propagation = Propagation.MANDATORY)
    public String publish(Event event) {
        String id = newId();
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String body = body(event.type(), at, event.data());
        outbox.write(
                Destination.TASKS_EVENTS,
                new RawValue(body),
                Map.of(
                        "account_id", event.accountId().toString(),
                        "task_id", event.subject(),
                        "type", event.type().code(),
                        "status", event.status(),
                        "event_id", id),
                null);
        if (event.type().forWebhooks()) {
            outbox.write(
                    Destination.WEBHOOKS_EVENTS,
                    new PublishedEvent(id, event.accountId(), event.type().code(), at, event.webhookUrl(), body),
                    Map.of(),
                    null);
        }
        return id;
    }

    /** An id that no other event has. */
    public static String newId() {
        return "evt_" + UUID.randomUUID().toString().replace("-", "");
    }

    /** What receivers are told of an event. */
    public String body(EventType type, Instant at, Object data) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", type.code());
        body.put("timestamp", at.toString());
        body.put("data", data);
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The data of an event must be serialisable as JSON.", e);
        }
    }
}
