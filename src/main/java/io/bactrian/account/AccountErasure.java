package io.bactrian.account;

import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** The end of what closed accounts have left in all rooms, a little at a time. */
@Service
public class AccountErasure {
    private static final Logger LOG = LoggerFactory.getLogger(AccountErasure.class);
    private static final int ACCOUNTS_AT_ONCE = 20;

    /** How often in a row the remains of one account are looked for, so that one with very many leaves others their turn. */
    private static final int ROUNDS = 50;

    private final Accounts accounts;
    private final List<AccountRemains> remains;

    AccountErasure(Accounts accounts, List<AccountRemains> remains) {
        this.accounts = accounts;
        this.remains = List.copyOf(remains);
    }

    /** Goes on with the accounts that were closed and of which something is left. */
    public void eraseClosed() {
        for (UUID account : accounts.closing(ACCOUNTS_AT_ONCE)) {
            for (int round = 0; round < ROUNDS && eraseSome(account); round++) {
                LOG.debug("Account {} has more to erase", account);
            }
        }
    }

    /**
     * Erases some of what a closed account has left; when there is no more, the account counts as erased.
     *
     * @return whether there may be more
     */
    public boolean eraseSome(UUID accountId) {
        boolean more = false;
        for (AccountRemains room : remains) {
            more |= room.eraseSome(accountId);
        }
        if (!more) {
            accounts.erased(accountId);
        }
        return more;
    }
}
