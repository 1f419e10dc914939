package io.bactrian.account;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

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
    final Accounts accounts;
    final Authenticator authenticator;

    AccountNode(TestDatabase database, SettableClock clock) {
        this(database, clock, MASTER_KEY, "bactrian");
    }

    AccountNode(TestDatabase database, SettableClock clock, String masterKey, String issuer) {
        vault = new Vault(new MasterKey(masterKey, "unused"));
        signingKeys = new SigningKeys(database.jdbc(), database.transactions(), vault, clock);
        signingKeys.afterPropertiesSet();
        tokens = new Tokens(signingKeys, database.jdbc(), clock, issuer);
        mapKeys = new MapKeys(database.jdbc(), vault, clock);
        apiKeys = new ApiKeys(database.jdbc(), clock);
        accounts = new Accounts(database.jdbc(), database.transactions(), new Passwords(), mapKeys, tokens, clock);
        authenticator = new Authenticator(database.jdbc(), tokens, clock);
    }

    Caller bearer(String credential) {
        return authenticator.authenticate("Bearer " + credential, null);
    }
}
