package io.bactrian.idempotency;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The keys of the last 24 hours, each with the answer to the request that used it first. */
@Service
public class IdempotencyKeys {
    private static final Duration LIFETIME = Duration.ofHours(24);

    private static final int AT_ONCE = 5_000;

    private final JdbcClient database;
    private final Clock clock;

    IdempotencyKeys(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * The answer that the same request was given before; where it is the first one, keeps its answer, if the surrounding
     * transaction commits. A second request with the key waits for the first one's transaction.
     *
     * @param idempotency null for a request without a key, which is always the first
     * @param answer what the request will be answered if it is the first
     * @throws IdempotencyConflictException when the key was used for another request
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<String> earlier(UUID accountId, @Nullable Idempotency idempotency, String answer) {
        if (idempotency == null) {
            return Optional.empty();
        }
        if (idempotency.redelivered()) {
            database.sql("SELECT set_config('synchronous_commit', 'off', true)")
                    .query(String.class)
                    .single();
        }
        database.sql("DELETE FROM idempotency_key WHERE account_id = ? AND key = ? AND created_at < ?")
                .params(
                        accountId,
                        idempotency.key(),
                        Timestamp.from(clock.instant().minus(LIFETIME)))
                .update();
        int inserted = database.sql("""
                        INSERT INTO idempotency_key (account_id, key, request_hash, answer, created_at)
                        VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, key) DO NOTHING""")
                .params(
                        accountId,
                        idempotency.key(),
                        idempotency.requestHash(),
                        answer,
                        Timestamp.from(clock.instant()))
                .update();
        if (inserted == 1) {
            return Optional.empty();
        }
        return database.sql("SELECT request_hash, answer FROM idempotency_key WHERE account_id = ? AND key = ?")
                .params(accountId, idempotency.key())
                .query((row, number) -> {
                    if (!row.getString(1).equals(idempotency.requestHash())) {
                        throw new IdempotencyConflictException();
                    }
                    return row.getString(2);
                })
                .optional();
    }

    /**
     * Waits until what was committed before is on the disk, together with whoever else waits. A request that is redelivered is
     * acknowledged after this.
     */
    @Transactional
    public void awaitDisk() {
        // Something must be written for the commit to wait.
        database.sql("SELECT pg_logical_emit_message(true, 'bactrian', '')::text")
                .query(String.class)
                .single();
    }

    /**
     * Removes some keys of an account.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean forget(UUID accountId) {
        return database.sql("""
                        DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM idempotency_key WHERE account_id = ? LIMIT ? FOR UPDATE SKIP LOCKED))""").params(accountId, AT_ONCE).update() == AT_ONCE;
    }

    /**
     * Removes some of the keys that are older than 24 hours.
     *
     * @return whether there may be more
     */
    @Transactional
    public boolean forgetOld() {
        return database.sql("""
                        DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM idempotency_key WHERE created_at < ?
                             ORDER BY created_at LIMIT ? FOR UPDATE SKIP LOCKED))""")
                        .params(Timestamp.from(clock.instant().minus(LIFETIME)), AT_ONCE)
                        .update()
                == AT_ONCE;
    }
}
