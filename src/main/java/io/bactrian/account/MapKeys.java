package io.bactrian.account;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The {@code msk_} keys of accounts: found by their hash, readable again by whoever has the master key. */
@Service
public final class MapKeys implements EncryptedSecrets {
    private static final int MAX_NAME = 255;

    private final JdbcClient jdbc;
    private final Vault vault;
    private final Clock clock;

    MapKeys(JdbcClient jdbc, Vault vault, Clock clock) {
        this.jdbc = jdbc;
        this.vault = vault;
        this.clock = clock;
    }

    /**
     * A new active key.
     *
     * @param name null for the time of creation
     */
    public MapKey create(UUID accountId, @Nullable String name) {
        if (name != null && (name.isBlank() || !StoredText.isLine(name, MAX_NAME))) {
            throw new InvalidInputException("name", "Name must be one line of 1 to 255 characters");
        }
        Instant now = Timestamps.now(clock);
        String keyName = name == null ? now.toString() : name;
        String key = SecretKeys.generate(SecretKeys.MAP_KEY_PREFIX);
        byte[] hash = SecretKeys.hash(key);
        long id = jdbc.sql("""
                        insert into map_key (account_id, name, hash, ciphertext, created_at)
                        values (:account, :name, :hash, :ciphertext, :now)
                        returning id
                        """)
                .param("account", accountId)
                .param("name", keyName)
                .param("hash", hash)
                .param("ciphertext", vault.encrypt(key.getBytes(StandardCharsets.US_ASCII), hash))
                .param("now", Timestamps.parameter(now))
                .query(Long.class)
                .single();
        return new MapKey(id, keyName, key, true, now, null);
    }

    /** The keys in full, oldest first, deactivated ones included. */
    public List<MapKey> list(UUID accountId) {
        return jdbc.sql("""
                        select id, name, hash, ciphertext, is_active, created_at, last_used_at
                        from map_key where account_id = :account order by id
                        """)
                .param("account", accountId)
                .query((row, number) -> new MapKey(
                        row.getLong("id"),
                        row.getString("name"),
                        new String(
                                vault.decrypt(row.getBytes("ciphertext"), row.getBytes("hash")),
                                StandardCharsets.US_ASCII),
                        row.getBoolean("is_active"),
                        Timestamps.read(row, "created_at"),
                        Timestamps.readNullable(row, "last_used_at")))
                .list();
    }

    @Override
    public int encryptAnew() {
        List<Long> ids =
                jdbc.sql("select id from map_key order by id").query(Long.class).list();
        for (long id : ids) {
            jdbc.sql("select hash, ciphertext from map_key where id = :id")
                    .param("id", id)
                    .query((row, number) -> {
                        byte[] hash = row.getBytes("hash");
                        return vault.encrypt(vault.decrypt(row.getBytes("ciphertext"), hash), hash);
                    })
                    .optional()
                    .ifPresent(ciphertext -> jdbc.sql("update map_key set ciphertext = :ciphertext where id = :id")
                            .param("id", id)
                            .param("ciphertext", ciphertext)
                            .update());
        }
        return ids.size();
    }

    /**
     * Deactivates a key at once, on every node; doing it again changes nothing.
     *
     * @throws NotFoundException if the account has no such key
     */
    public void deactivate(UUID accountId, long keyId) {
        int found = jdbc.sql("update map_key set is_active = false where id = :id and account_id = :account")
                .param("id", keyId)
                .param("account", accountId)
                .update();
        if (found == 0) {
            throw new NotFoundException("API key");
        }
    }
}
