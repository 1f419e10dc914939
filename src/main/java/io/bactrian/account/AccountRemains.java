package io.bactrian.account;

import java.util.UUID;

/** What one room keeps of an account, and erases once the account is closed. */
public interface AccountRemains {

    /**
     * Erases some of it, in short transactions.
     *
     * @return whether there may be more
     */
    boolean eraseSome(UUID accountId);
}
