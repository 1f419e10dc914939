package io.bactrian.webhook;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.event.EventType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The endpoints that accounts have registered: what their owners list, make, change, pause and delete. */
@Service
public final class WebhookEndpoints {
    private static final String COLUMNS =
            "id, url, events, ciphertext, is_active, disabled_reason, created_at, last_delivered_at";

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final EndpointSecrets secrets;
    private final WebhookUrls urls;
    private final EndpointLanes lanes;
    private final EndpointRemains remains;
    private final Clock clock;
    private final int most;

    /** @param most the most endpoints that an account can have */
    WebhookEndpoints(
            JdbcClient database,
            TransactionTemplate transactions,
            EndpointSecrets secrets,
            WebhookUrls urls,
            EndpointLanes lanes,
            EndpointRemains remains,
            Clock clock,
            @Value("${bactrian.webhooks.endpoints-per-account:20}") int most) {
        this.database = database;
        this.transactions = transactions;
        this.secrets = secrets;
        this.urls = urls;
        this.lanes = lanes;
        this.remains = remains;
        this.clock = clock;
        this.most = most;
    }

    /** The account's endpoints, oldest first. */
    public List<WebhookEndpoint> list(UUID accountId) {
        return database.sql(
                        "SELECT " + COLUMNS + " FROM webhook_endpoint WHERE account_id = ? AND registered ORDER BY id")
                .param(accountId)
                .query((row, number) -> read(row))
                .list();
    }

    /**
     * One of the account's endpoints.
     *
     * @throws NotFoundException if the account has no such endpoint
     */
    public WebhookEndpoint find(UUID accountId, long id) {
        return database.sql(
                        "SELECT " + COLUMNS + " FROM webhook_endpoint WHERE id = ? AND account_id = ? AND registered")
                .params(id, accountId)
                .query((row, number) -> read(row))
                .optional()
                .orElseThrow(() -> new NotFoundException("Webhook"));
    }

    /**
     * A new endpoint with a secret of its own.
     *
     * @throws InvalidInputException if nothing may be sent to the URL, the events are not all known and different, or the
     *     account has as many endpoints as it may
     */
    public WebhookEndpoint create(UUID accountId, String url, List<String> events) {
        String receiver = urls.check("url", url);
        checkEvents(events);
        SigningSecret secret = SigningSecret.generate();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return Objects.requireNonNull(transactions.execute(transaction -> {
            checkRoom(accountId);
            long id = database.sql("SELECT nextval(pg_get_serial_sequence('webhook_endpoint', 'id'))")
                    .query(Long.class)
                    .single();
            database.sql("""
                            INSERT INTO webhook_endpoint (id, account_id, registered, url, events, ciphertext, created_at)
                            OVERRIDING SYSTEM VALUE VALUES (?, ?, true, ?, ?, ?, ?)""")
                    .params(
                            id,
                            accountId,
                            receiver,
                            events.toArray(String[]::new),
                            secrets.encrypted(id, secret),
                            Timestamp.from(now))
                    .update();
            return new WebhookEndpoint(id, receiver, events, secret, true, null, now, null);
        }));
    }

    /** Locks the account, so that of many requests at once none is one too many, and a closed one gets nothing more. */
    private void checkRoom(UUID accountId) {
        boolean open = database.sql("SELECT id FROM account WHERE id = ? AND is_active FOR NO KEY UPDATE")
                .param(accountId)
                .query(UUID.class)
                .optional()
                .isPresent();
        if (!open) {
            throw new NotFoundException("Account");
        }
        int count = database.sql("SELECT count(*) FROM webhook_endpoint WHERE account_id = ? AND registered")
                .param(accountId)
                .query(Integer.class)
                .single();
        if (count >= most) {
            throw new InvalidInputException(
                    "url", "An account has at most %d webhooks. Delete one that you no longer need.".formatted(most));
        }
    }

    /**
     * Changes an endpoint. One that is resumed gets what has waited meanwhile, and counts as never having failed; so does one
     * that has another URL. The messages that this causes are in the outbox.
     *
     * @throws NotFoundException if the account has no such endpoint
     * @throws InvalidInputException if nothing may be sent to the URL, or the events are not all known and different
     */
    public WebhookEndpoint update(UUID accountId, long id, WebhookEndpointChange change) {
        String receiver = change.url() == null ? null : urls.check("url", change.url());
        if (change.events() != null) {
            checkEvents(change.events());
        }
        return Objects.requireNonNull(transactions.execute(transaction -> {
            WebhookEndpoint changed = update(accountId, id, receiver, change.events(), change.active())
                    .orElseThrow(() -> new NotFoundException("Webhook"));
            if (Boolean.TRUE.equals(change.active())) {
                lanes.wake(id);
            }
            return changed;
        }));
    }

    private Optional<WebhookEndpoint> update(
            UUID accountId, long id, @Nullable String url, @Nullable List<String> events, @Nullable Boolean active) {
        return database.sql("""
                        UPDATE webhook_endpoint
                           SET url = coalesce(:url::text, url),
                               events = coalesce(:events::text[], events),
                               is_active = coalesce(:active::boolean, is_active),
                               disabled_reason = CASE WHEN :active::boolean THEN NULL ELSE disabled_reason END,
                               failing_since = CASE WHEN (:active::boolean AND NOT is_active) OR url <> :url::text THEN NULL
                                                    ELSE failing_since END
                         WHERE id = :id AND account_id = :account AND registered RETURNING\s""" + COLUMNS)
                .param("url", url, Types.VARCHAR)
                .param("events", events == null ? null : events.toArray(String[]::new), Types.ARRAY)
                .param("active", active, Types.BOOLEAN)
                .param("id", id)
                .param("account", accountId)
                .query((row, number) -> read(row))
                .optional();
    }

    /**
     * A new secret for an endpoint; the old one signs beside it for 24 hours.
     *
     * @throws NotFoundException if the account has no such endpoint
     */
    public WebhookEndpoint rotateSecret(UUID accountId, long id) {
        return database.sql("""
                        UPDATE webhook_endpoint
                           SET replaced = ciphertext, replaced_at = :now, ciphertext = :ciphertext
                         WHERE id = :id AND account_id = :account AND registered RETURNING\s""" + COLUMNS)
                .param("now", Timestamp.from(clock.instant()))
                .param("ciphertext", secrets.encrypted(id, SigningSecret.generate()))
                .param("id", id)
                .param("account", accountId)
                .query((row, number) -> read(row))
                .optional()
                .orElseThrow(() -> new NotFoundException("Webhook"));
    }

    /**
     * Deletes an endpoint with all its deliveries, pending ones too.
     *
     * @throws NotFoundException if the account has no such endpoint
     */
    public void delete(UUID accountId, long id) {
        // First it gets no more, so that the deletion of its deliveries ends, in however many steps.
        int found = database.sql("""
                        UPDATE webhook_endpoint SET is_active = false, disabled_reason = 'It is being deleted.'
                         WHERE id = ? AND account_id = ? AND registered""").params(id, accountId).update();
        if (found == 0) {
            throw new NotFoundException("Webhook");
        }
        remains.delete(id);
    }

    private static void checkEvents(List<String> events) {
        if (events.isEmpty()) {
            throw new InvalidInputException("events", "Name at least one event: " + allowed() + ".");
        }
        Set<String> named = new HashSet<>();
        for (String event : events) {
            if (EventType.find(event).filter(EventType::forWebhooks).isEmpty()) {
                throw new InvalidInputException(
                        "events", "Unknown event '%s'. Allowed: %s.".formatted(event, allowed()));
            }
            if (!named.add(event)) {
                throw new InvalidInputException("events", "The event '%s' is named twice.".formatted(event));
            }
        }
    }

    private static String allowed() {
        return Arrays.stream(EventType.values())
                .filter(EventType::forWebhooks)
                .map(EventType::code)
                .collect(Collectors.joining(", "));
    }

    private WebhookEndpoint read(ResultSet row) throws SQLException {
        long id = row.getLong("id");
        Timestamp delivered = row.getTimestamp("last_delivered_at");
        return new WebhookEndpoint(
                id,
                row.getString("url"),
                List.of((String[]) row.getArray("events").getArray()),
                secrets.decrypted(id, row.getBytes("ciphertext")),
                row.getBoolean("is_active"),
                row.getString("disabled_reason"),
                row.getTimestamp("created_at").toInstant(),
                delivered == null ? null : delivered.toInstant());
    }
}
