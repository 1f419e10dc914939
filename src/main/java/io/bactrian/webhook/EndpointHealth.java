package io.bactrian.webhook;

import io.bactrian.account.Accounts;
import io.bactrian.mail.EmailDecision;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How endpoints are, as their last attempts have told. One that has answered 410, or has only failed for days, is switched off,
 * and its owner is written to.
 */
@Component
final class EndpointHealth {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointHealth.class);

    private final EventDeliveryStore deliveries;
    private final Accounts accounts;
    private final Mails mails;
    private final WebhookProperties properties;
    private final JdbcClient database;

    EndpointHealth(
            EventDeliveryStore deliveries,
            Accounts accounts,
            Mails mails,
            WebhookProperties properties,
            JdbcClient database) {
        this.deliveries = deliveries;
        this.accounts = accounts;
        this.mails = mails;
        this.properties = properties;
        this.database = database;
    }

    /**
     * Notes what a step has told, in the transaction that has locked the endpoint.
     *
     * @return whether the endpoint may be sent more
     */
    boolean note(EndpointStep step) {
        if (!step.asked()) {
            return true;
        }
        EndpointStep.Endpoint endpoint = step.endpoint();
        Instant delivered = step.delivered();
        Instant failed = step.failed();
        Instant failingSince = database.sql("""
                        UPDATE webhook_endpoint
                           SET slow = :slow, last_delivered_at = coalesce(CAST(:delivered AS timestamptz), last_delivered_at),
                               failing_since = CASE
                                   WHEN :healthy THEN NULL
                                   WHEN CAST(:delivered AS timestamptz) IS NULL
                                       THEN coalesce(failing_since, CAST(:failed AS timestamptz))
                                   ELSE CAST(:failed AS timestamptz) END
                         WHERE id = :id RETURNING failing_since""")
                .param("slow", step.slow())
                .param("delivered", timestamp(delivered), Types.TIMESTAMP)
                .param("failed", timestamp(failed), Types.TIMESTAMP)
                .param("healthy", delivered != null && (failed == null || delivered.isAfter(failed)))
                .param("id", endpoint.id())
                .query((row, number) -> instant(row.getTimestamp(1)))
                .list()
                .getFirst();
        if (step.gone()) {
            return switchOff(endpoint, "The receiver answered 410 Gone.");
        }
        if (failed != null && failingSince != null && !failed.isBefore(failingSince.plus(properties.disableAfter()))) {
            return switchOff(
                    endpoint, "All attempts have failed since " + failingSince.truncatedTo(ChronoUnit.SECONDS) + ".");
        }
        return true;
    }

    /** Switches a registered endpoint off; the URL of a task is only spared what waits for it now. */
    private boolean switchOff(EndpointStep.Endpoint endpoint, String reason) {
        deliveries.giveUp(endpoint.id());
        if (!endpoint.registered()) {
            return true;
        }
        database.sql("UPDATE webhook_endpoint SET is_active = false, disabled_reason = ? WHERE id = ?")
                .params(reason, endpoint.id())
                .update();
        EmailDecision decision = mails.send(
                endpoint.accountId(),
                new Mail(
                        accounts.find(endpoint.accountId()).email(),
                        "Your webhook " + endpoint.id() + " was switched off",
                        List.of(
                                "Your webhook " + endpoint.id() + " to " + endpoint.url() + " was switched off. "
                                        + reason,
                                "It gets no more events. What it has missed can be read in its deliveries and delivered again"
                                        + " once you have switched it on: PUT /webhooks/" + endpoint.id()
                                        + " with {\"is_active\": true}."),
                        null));
        if (decision != EmailDecision.SENT) {
            LOG.info("The owner of webhook {} was not told that it is off: {}", endpoint.id(), decision.reason());
        }
        return false;
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
