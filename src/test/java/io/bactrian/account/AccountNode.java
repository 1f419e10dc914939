package io.bactrian.account;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** The room as one node of the service has it, on a database that other nodes may share. */
final class AccountNode {
    static final String MASTER_KEY =
            Base64.getEncoder().encodeToString("an example key of thirty-two byt".getBytes(StandardCharsets.US_ASCII));
    static final String PASSWORD = "SecurePassword123!";

    final Vault vault;
    final SigningKeys signingKeys;
    final Tokens tokens;
    final MapKeys mapKeys;
    final ApiKeys apiKeys;
    final SignInAttempts attempts;
    final Accounts accounts;
    final MasterKeyRotation rotation;
    final Authenticator authenticator;

    AccountNode(TestDatabase database, SettableClock clock) {
        this(database, clock, MASTER_KEY, "bactrian");
    }

    AccountNode(TestDatabase database, SettableClock clock, String masterKey, String issuer) {
        this(database, clock, new MasterKey(masterKey, List.of(), "unused"), issuer);
    }

    AccountNode(TestDatabase database, SettableClock clock, MasterKey masterKey) {
        this(database, clock, masterKey, "bactrian");
    }

    private AccountNode(TestDatabase database, SettableClock clock, MasterKey masterKey, String issuer) {
        vault = new Vault(masterKey);
        signingKeys = new SigningKeys(database.jdbc(), database.transactions(), vault, clock);
        signingKeys.afterPropertiesSet();
        tokens = new Tokens(signingKeys, database.jdbc(), clock, issuer);
        mapKeys = new MapKeys(database.jdbc(), vault, clock);
        apiKeys = new ApiKeys(database.jdbc(), clock);
        attempts = new SignInAttempts(
                database.jdbc(),
                database.transactions(),
                new SignInProperties(1_000_000, 1_000_000, Duration.ofSeconds(5), Duration.ofMinutes(15)),
                clock);
        accounts = new Accounts(
                database.jdbc(), database.transactions(), new Passwords(), attempts, mapKeys, tokens, clock);
        rotation = new MasterKeyRotation(
                masterKey,
                List.of(mapKeys, signingKeys),
                new PendingSignIns(database.jdbc(), database.transactions(), vault, clock));
        authenticator = new Authenticator(database.jdbc(), tokens, clock);
    }

    /** What it takes to revoke a token. */
    static SignInToken parsed(Caller caller) {
        return Objects.requireNonNull(caller.token());
    }

    Caller bearer(String credential) {
        return authenticator.authenticate("Bearer " + credential, null);
    }
}
