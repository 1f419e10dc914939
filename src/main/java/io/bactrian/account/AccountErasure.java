package io.bactrian.account;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** The end of what closed accounts have left in all rooms, a little at a time. */
@Service
public class AccountErasure {
    private static final int ACCOUNTS_AT_ONCE = 20;

    private final Accounts accounts;
    private final List<AccountRemains> remains;
    private Pass pass = Pass.FIRST;

    AccountErasure(Accounts accounts, List<AccountRemains> remains) {
        this.accounts = accounts;
        this.remains = List.copyOf(remains);
    }

    /**
     * How far all closed accounts have been visited.
     *
     * @param last the account that was visited last, or null before the first
     * @param more whether one that was visited has more to erase
     */
    private record Pass(@Nullable UUID last, boolean more) {
        static final Pass FIRST = new Pass(null, false);
    }

    /**
     * Erases some of what the next few closed accounts have left. All get their turn before one gets its second, and one that
     * fails keeps no other waiting.
     *
     * @return whether there may be more
     */
    public synchronized boolean eraseClosed() {
        Pass before = pass;
        List<UUID> some = accounts.closing(before.last(), ACCOUNTS_AT_ONCE);
        boolean last = some.size() < ACCOUNTS_AT_ONCE;
        ErasureFailures failures = new ErasureFailures();
        boolean more = failures.anyOf(some, this::eraseSome) || before.more();
        pass = last ? Pass.FIRST : new Pass(some.getLast(), more);
        failures.throwFirst();
        return !last || more;
    }

    /**
     * Erases some of what a closed account has left; when there is no more, the account counts as erased.
     *
     * @return whether there may be more
     */
    public boolean eraseSome(UUID accountId) {
        ErasureFailures failures = new ErasureFailures();
        boolean more = failures.anyOf(remains, room -> room.eraseSome(accountId));
        failures.throwFirst();
        if (!more) {
            accounts.erased(accountId);
        }
        return more;
    }
}
