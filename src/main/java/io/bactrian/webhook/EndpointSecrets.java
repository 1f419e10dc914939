package io.bactrian.webhook;

import io.bactrian.NotFoundException;
import io.bactrian.account.EncryptedSecrets;
import io.bactrian.account.Vault;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The signing secrets of registered endpoints, each encrypted for its own endpoint.
 *
 * <p>A secret that was replaced goes on signing beside the new one for 24 hours, so that the receiver can be changed meanwhile.
 */
@Service
public final class EndpointSecrets implements EncryptedSecrets {
    private static final Duration OVERLAP = Duration.ofHours(24);
    private static final int AT_ONCE = 1_000;

    private final JdbcClient database;
    private final Vault vault;
    private final Clock clock;

    EndpointSecrets(JdbcClient database, Vault vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(byte[] present, byte @Nullable [] replaced) {}

    /**
     * The secrets to sign with: the endpoint's own, and after it the one that it has replaced within the last 24 hours.
     *
     * @throws NotFoundException if there is no such endpoint, or it is not registered and has no secret of its own
     */
    List<SigningSecret> valid(long endpointId) {
        Stored stored = database.sql("""
                        SELECT ciphertext, CASE WHEN replaced_at > :since THEN replaced END AS replaced
                          FROM webhook_endpoint WHERE id = :id AND registered""")
                .param("since", Timestamp.from(clock.instant().minus(OVERLAP)))
                .param("id", endpointId)
                .query((row, number) -> new Stored(row.getBytes("ciphertext"), row.getBytes("replaced")))
                .optional()
                .orElseThrow(() -> new NotFoundException("Webhook"));
        List<SigningSecret> secrets = new ArrayList<>();
        secrets.add(decrypted(endpointId, stored.present()));
        if (stored.replaced() != null) {
            secrets.add(decrypted(endpointId, stored.replaced()));
        }
        return secrets;
    }

    byte[] encrypted(long endpointId, SigningSecret secret) {
        return vault.encrypt(secret.text(), context(endpointId));
    }

    SigningSecret decrypted(long endpointId, byte[] ciphertext) {
        return new SigningSecret(new String(vault.decrypt(ciphertext, context(endpointId)), StandardCharsets.US_ASCII));
    }

    /**
     * Forgets some of the secrets that were replaced and no longer sign.
     *
     * @return whether there may be more
     */
    public boolean forgetReplaced() {
        return database.sql("""
                        UPDATE webhook_endpoint SET replaced = NULL, replaced_at = NULL WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM webhook_endpoint WHERE replaced_at <= ? LIMIT ? FOR UPDATE SKIP LOCKED))""")
                        .params(Timestamp.from(clock.instant().minus(OVERLAP)), AT_ONCE)
                        .update()
                == AT_ONCE;
    }

    @Override
    public int encryptAnew() {
        int count = 0;
        List<Long> some = after(0);
        while (!some.isEmpty()) {
            some.forEach(this::encryptAnew);
            count += some.size();
            some = after(some.getLast());
        }
        return count;
    }

    private List<Long> after(long id) {
        return database.sql("SELECT id FROM webhook_endpoint WHERE registered AND id > ? ORDER BY id LIMIT ?")
                .params(id, AT_ONCE)
                .query(Long.class)
                .list();
    }

    private void encryptAnew(long endpointId) {
        for (String column : List.of("ciphertext", "replaced")) {
            database.sql("SELECT " + column + " FROM webhook_endpoint WHERE id = ? AND " + column + " IS NOT NULL")
                    .param(endpointId)
                    .query(byte[].class)
                    .optional()
                    // A secret that was rotated in between is encrypted with the present master key already.
                    .ifPresent(old -> database.sql(
                                    "UPDATE webhook_endpoint SET %1$s = :renewed WHERE id = :id AND %1$s = :old"
                                            .formatted(column))
                            .param("renewed", encrypted(endpointId, decrypted(endpointId, old)))
                            .param("id", endpointId)
                            .param("old", old)
                            .update());
        }
    }

    private static byte[] context(long endpointId) {
        return ("webhook_endpoint " + endpointId).getBytes(StandardCharsets.US_ASCII);
    }
}
