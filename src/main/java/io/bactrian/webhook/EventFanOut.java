package io.bactrian.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.event.PublishedEvent;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Gives each event to the endpoints of its account that want it: a delivery for each, due at once.
 *
 * <p>An endpoint that its owner has paused gets a delivery too, and is sent it when it is resumed; one that the service has
 * switched off gets none. The same event a second time changes nothing.
 */
@Service
public class EventFanOut {
    private static final Duration WANTED_AGAIN = Duration.ofDays(1);

    private final EndpointLanes lanes;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    EventFanOut(EndpointLanes lanes, JdbcClient database, ObjectMapper json, Clock clock) {
        this.lanes = lanes;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Stores the deliveries of an event.
     *
     * @param message a {@link PublishedEvent} as JSON
     */
    @Transactional
    public void accept(String message) throws JsonProcessingException {
        PublishedEvent event = json.readValue(message, PublishedEvent.class);
        Timestamp now = Timestamp.from(clock.instant());
        if (event.webhookUrl() != null) {
            want(event, now);
            database.sql("""
                            INSERT INTO webhook_endpoint (account_id, registered, url, events, created_at)
                            SELECT id, false, :url, '{}', :now FROM account WHERE id = :account AND is_active
                            ON CONFLICT (account_id, url) WHERE NOT registered DO NOTHING""")
                    .param("url", event.webhookUrl())
                    .param("now", now)
                    .param("account", event.accountId())
                    .update();
        }
        // Shared with other events, but not with a lane that is about to go idle: see EndpointLanes.
        List<Long> endpoints = database.sql("""
                        SELECT id FROM webhook_endpoint
                         WHERE account_id = :account AND disabled_reason IS NULL
                           AND (registered AND :type = ANY(events) OR NOT registered AND url = :url::text)
                         ORDER BY id FOR SHARE""")
                .param("account", event.accountId())
                .param("type", event.type())
                .param("url", event.webhookUrl())
                .query(Long.class)
                .list();
        if (endpoints.isEmpty()) {
            return;
        }
        database.sql("""
                        INSERT INTO webhook_event (id, account_id, type, body, created_at) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at""")
                .params(
                        event.id(),
                        event.accountId(),
                        event.type(),
                        event.body().getBytes(StandardCharsets.UTF_8),
                        // Not the event's own time: a message that comes late, or again, keeps the event from being
                        // deleted.
                        now)
                .update();
        database.sql("""
                        INSERT INTO event_delivery (endpoint_id, event_id, event, next_attempt_at, created_at)
                        SELECT unnest(?::bigint[]), ?, ?, ?, ?
                        ON CONFLICT (endpoint_id, event_id) DO NOTHING RETURNING endpoint_id""")
                .params(endpoints.toArray(Long[]::new), event.id(), event.type(), now, now)
                .query(Long.class)
                .list()
                .forEach(lanes::wake);
    }

    /**
     * Notes once a day that a task's webhook URL still gets events. This comes before the look whether the endpoint exists:
     * where the retention is just deleting it, this waits for the end of that, and the endpoint is made again; where this is
     * first, the retention finds it wanted.
     */
    private void want(PublishedEvent event, Timestamp now) {
        database.sql("""
                        UPDATE webhook_endpoint SET wanted_at = :now
                         WHERE account_id = :account AND url = :url AND NOT registered
                           AND coalesce(wanted_at, created_at) < :yesterday""")
                .param("now", now)
                .param("account", event.accountId())
                .param("url", event.webhookUrl())
                .param("yesterday", Timestamp.from(now.toInstant().minus(WANTED_AGAIN)))
                .update();
    }
}
