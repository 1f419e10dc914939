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
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The default signing secret of each account, made when it is first asked for and readable again by its owner.
 *
 * <p>A secret that was replaced goes on signing beside the new one for 24 hours, so that receivers can be changed one by one.
 */
@Service
public final class SigningSecrets implements EncryptedSecrets {
    private static final Duration OVERLAP = Duration.ofHours(24);

    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private final JdbcClient database;
    private final Vault vault;
    private final Clock clock;

    SigningSecrets(JdbcClient database, Vault vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(byte[] present, byte @Nullable [] replaced) {}

    /**
     * The account's secret.
     *
     * @throws NotFoundException if there is no such account, or it is closed
     */
    public SigningSecret current(UUID accountId) {
        return valid(accountId).getFirst();
    }

    /**
     * The secrets to sign with: the account's own, and after it the one that it has replaced within the last 24 hours.
     *
     * @throws NotFoundException if there is no such account, or it is closed
     */
    public List<SigningSecret> valid(UUID accountId) {
        Stored stored = find(accountId).orElseGet(() -> {
            insert(accountId);
            return find(accountId).orElseThrow(() -> new NotFoundException("Account"));
        });
        List<SigningSecret> secrets = new ArrayList<>();
        secrets.add(decrypted(accountId, stored.present()));
        if (stored.replaced() != null) {
            secrets.add(decrypted(accountId, stored.replaced()));
        }
        return secrets;
    }

    /**
     * A new secret in the place of the account's present one.
     *
     * @throws NotFoundException if there is no such account, or it is closed
     */
    public SigningSecret rotate(UUID accountId) {
        SigningSecret secret = SigningSecret.generate();
        valid(accountId);
        database.sql("""
                        update signing_secret
                           set replaced = ciphertext, replaced_at = :now, ciphertext = :ciphertext
                         where account_id = :account""")
                .param("now", Timestamp.from(clock.instant()))
                .param("ciphertext", encrypted(accountId, secret))
                .param("account", accountId)
                .update();
        return secret;
    }

    /** Forgets the secret of an account that was closed. */
    public void forget(UUID accountId) {
        database.sql("delete from signing_secret where account_id = ?")
                .param(accountId)
                .update();
    }

    /**
     * Forgets some of the secrets that were replaced and no longer sign.
     *
     * @return whether there may be more
     */
    public boolean forgetReplaced() {
        return database.sql("""
                        update signing_secret set replaced = null, replaced_at = null where ctid = any(array(
                            select ctid from signing_secret where replaced_at <= ? limit ? for update skip locked))
                        """)
                        .params(Timestamp.from(clock.instant().minus(OVERLAP)), FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    @Override
    public int encryptAnew() {
        List<UUID> accounts = database.sql("select account_id from signing_secret")
                .query(UUID.class)
                .list();
        accounts.forEach(this::encryptAnew);
        return accounts.size();
    }

    private void encryptAnew(UUID accountId) {
        for (String column : List.of("ciphertext", "replaced")) {
            database.sql("select " + column + " from signing_secret where account_id = ? and " + column
                            + " is not null")
                    .param(accountId)
                    .query(byte[].class)
                    .optional()
                    // A secret that was rotated in between is encrypted with the present master key already.
                    .ifPresent(old -> database.sql(
                                    "update signing_secret set %1$s = :renewed where account_id = :account and %1$s = :old"
                                            .formatted(column))
                            .param("renewed", encrypted(accountId, decrypted(accountId, old)))
                            .param("account", accountId)
                            .param("old", old)
                            .update());
        }
    }

    private Optional<Stored> find(UUID accountId) {
        return database.sql("""
                        select ciphertext, case when replaced_at > :since then replaced end as replaced
                          from signing_secret where account_id = :account""")
                .param("since", Timestamp.from(clock.instant().minus(OVERLAP)))
                .param("account", accountId)
                .query((row, number) -> new Stored(row.getBytes("ciphertext"), row.getBytes("replaced")))
                .optional();
    }

    /** Of many who do this at once, one succeeds; a closed account gets none that would stay for ever. */
    private void insert(UUID accountId) {
        database.sql("""
                        insert into signing_secret (account_id, ciphertext, created_at)
                        select id, :ciphertext, :now from account where id = :account and is_active
                        on conflict do nothing""")
                .param("ciphertext", encrypted(accountId, SigningSecret.generate()))
                .param("now", Timestamp.from(clock.instant()))
                .param("account", accountId)
                .update();
    }

    private byte[] encrypted(UUID accountId, SigningSecret secret) {
        return vault.encrypt(secret.text(), context(accountId));
    }

    private SigningSecret decrypted(UUID accountId, byte[] ciphertext) {
        return new SigningSecret(new String(vault.decrypt(ciphertext, context(accountId)), StandardCharsets.US_ASCII));
    }

    private static byte[] context(UUID accountId) {
        return ("signing_secret " + accountId).getBytes(StandardCharsets.US_ASCII);
    }
}
