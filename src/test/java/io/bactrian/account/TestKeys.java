package io.bactrian.account;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.util.List;

/** The master key of a node, for tests of other rooms that store secrets. */
public final class TestKeys {
    private final TestDatabase database;
    private final MasterKey masterKey;
    private final Vault vault;

    /**
     * The key that a node is configured with.
     *
     * @param configured base64 of 32 bytes
     * @param previous the keys before it
     */
    public TestKeys(TestDatabase database, String configured, String... previous) {
        this.database = database;
        this.masterKey = new MasterKey(configured, List.of(previous), "unused");
        this.vault = new Vault(masterKey);
    }

    public Vault vault() {
        return vault;
    }

    /** Rotates the key for those secrets, and gives their number. */
    public int rotate(EncryptedSecrets... secrets) {
        PendingSignIns pending =
                new PendingSignIns(database.jdbc(), database.transactions(), vault, new SettableClock());
        return new MasterKeyRotation(masterKey, List.of(secrets), pending).rotate();
    }
}
