package io.bactrian.account;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;

/** Accounts on a real database, for tests of other rooms that ask for their owners. */
public final class TestAccounts {
    private TestAccounts() {}

    public static Accounts of(TestDatabase database, SettableClock clock) {
        return new AccountNode(database, clock).accounts;
    }
}
