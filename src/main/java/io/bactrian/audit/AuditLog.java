package io.bactrian.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The append-only record of what was done to accounts by others than their owners.
 *
 * <p>An entry belongs to the transaction of what it tells. It outlives the accounts, so its details have no personal data.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class AuditLog {
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    AuditLog(JdbcClient database, ObjectMapper json, Clock clock) {
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /**
     * The details of what the same request did before, or empty when it is the first. Another node's request with the same
     * key waits here until this transaction ends. A key is kept for good, since what it protects is.
     *
     * @throws IdempotencyKeyReusedException when the key was used for another request
     */
    public Optional<JsonNode> earlier(UUID actor, String action, @Nullable Idempotency idempotency) {
        if (idempotency == null) {
            return Optional.empty();
        }
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")
                .param("audit:" + actor + ":" + action + ":" + idempotency.key())
                .query()
                .listOfRows();
        return database.sql("""
                        SELECT request_hash, details FROM audit_log
                         WHERE actor_id = ? AND action = ? AND idempotency_key = ?""")
                .params(actor, action, idempotency.key())
                .query((row, number) -> {
                    if (!row.getString(1).equals(idempotency.requestHash())) {
                        throw new IdempotencyKeyReusedException();
                    }
                    return read(row.getString(2));
                })
                .optional();
    }

    /**
     * Writes what was done.
     *
     * @param actor the account that did it
     * @param action what kind of thing it is, such as {@code credit.grant}
     * @param subject the account that it was done to
     * @param details written as JSON
     */
    public void write(UUID actor, String action, UUID subject, Object details, @Nullable Idempotency idempotency) {
        database.sql("""
                        INSERT INTO audit_log (at, actor_id, action, subject_id, details, idempotency_key, request_hash)
                        VALUES (?, ?, ?, ?, ?::jsonb, ?, ?)""")
                .params(
                        Timestamp.from(clock.instant()),
                        actor,
                        action,
                        subject,
                        text(details),
                        idempotency == null ? null : idempotency.key(),
                        idempotency == null ? null : idempotency.requestHash())
                .update();
    }

    private String text(Object details) {
        try {
            return json.writeValueAsString(details);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The details of an audit entry cannot be written as JSON.", e);
        }
    }

    private JsonNode read(String details) {
        try {
            return json.readTree(details);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The details of an audit entry cannot be read.", e);
        }
    }
}
