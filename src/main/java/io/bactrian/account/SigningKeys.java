package io.bactrian.account;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The RSA keys that sign JSON Web Tokens, shared by all nodes through the database.
 *
 * <p>One key is active. Whichever node starts first makes it: the index on active keys lets only one insert succeed.
 */
@Component
final class SigningKeys implements EncryptedSecrets, InitializingBean {
    private static final String ALGORITHM = "RSA";
    private static final int BITS = 2048;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Vault vault;
    private final Clock clock;
    /** Has no limit of its own, because a key is only ever added for a row that exists. */
    private final Map<UUID, RSAPublicKey> publicKeys = new ConcurrentHashMap<>();

    SigningKeys(JdbcClient jdbc, TransactionTemplate transactions, Vault vault, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.vault = vault;
        this.clock = clock;
    }

    /** The private half of the active key. */
    record Signing(UUID kid, PrivateKey privateKey) {}

    /** Makes the first key, and fails the start when the master key is not the one that encrypted it. */
    @Override
    public void afterPropertiesSet() {
        if (findActive().isEmpty()) {
            insertUnlessOneIsActive();
        }
        active();
    }

    /** Reads the database each time, so that no node goes on signing with a key that another has retired. */
    Signing active() {
        return findActive().orElseThrow(() -> new IllegalStateException("The table signing_key has no active key."));
    }

    /** The public half of an active or retired key; whether a retired one still counts is for the caller to say. */
    Optional<RSAPublicKey> publicKey(UUID kid) {
        RSAPublicKey known = publicKeys.get(kid);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<RSAPublicKey> stored = jdbc.sql("select public_key from signing_key where kid = :kid")
                .param("kid", kid)
                .query(byte[].class)
                .optional()
                .map(ciphertext -> decodePublic(vault.decrypt(ciphertext, context(kid, "public"))));
        stored.ifPresent(key -> publicKeys.put(kid, key));
        return stored;
    }

    /** Retires the active key and makes a new one; nodes that rotate at once make one new key together. */
    void rotate() {
        transactions.executeWithoutResult(transaction -> {
            jdbc.sql("update signing_key set retired_at = :now, private_key = null where retired_at is null")
                    .param("now", Timestamps.parameter(Timestamps.now(clock)))
                    .update();
            insertUnlessOneIsActive();
        });
    }

    /** Encrypts both halves of every key with the present master key; returns how many keys there are. */
    @Override
    public int encryptAnew() {
        List<UUID> kids =
                jdbc.sql("select kid from signing_key").query(UUID.class).list();
        for (UUID kid : kids) {
            encryptAnew(kid, "public");
            encryptAnew(kid, "private");
        }
        return kids.size();
    }

    private void encryptAnew(UUID kid, String half) {
        String column = half + "_key";
        jdbc.sql("select " + column + " from signing_key where kid = :kid and " + column + " is not null")
                .param("kid", kid)
                .query((row, number) ->
                        vault.encrypt(vault.decrypt(row.getBytes(column), context(kid, half)), context(kid, half)))
                .optional()
                .ifPresent(ciphertext -> jdbc.sql(
                                "update signing_key set %1$s = :ciphertext where kid = :kid and %1$s is not null"
                                        .formatted(column))
                        .param("kid", kid)
                        .param("ciphertext", ciphertext)
                        .update());
    }

    private Optional<Signing> findActive() {
        return jdbc.sql("select kid, private_key from signing_key where retired_at is null")
                .query((row, number) -> {
                    UUID kid = row.getObject("kid", UUID.class);
                    byte[] encoded = vault.decrypt(row.getBytes("private_key"), context(kid, "private"));
                    return new Signing(kid, decodePrivate(encoded));
                })
                .optional();
    }

    private void insertUnlessOneIsActive() {
        UUID kid = UUID.randomUUID();
        KeyPair pair = generate();
        jdbc.sql("""
                        insert into signing_key (kid, public_key, private_key, created_at)
                        values (:kid, :publicKey, :privateKey, :now)
                        on conflict do nothing
                        """)
                .param("kid", kid)
                .param("publicKey", vault.encrypt(pair.getPublic().getEncoded(), context(kid, "public")))
                .param("privateKey", vault.encrypt(pair.getPrivate().getEncoded(), context(kid, "private")))
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .update();
    }

    private static byte[] context(UUID kid, String half) {
        return ("signing_key " + kid + " " + half).getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(BITS);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform makes RSA keys.", e);
        }
    }

    private static PrivateKey decodePrivate(byte[] encoded) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A stored private key is damaged.", e);
        }
    }

    private static RSAPublicKey decodePublic(byte[] encoded) {
        try {
            return (RSAPublicKey) KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A stored public key is damaged.", e);
        }
    }
}
