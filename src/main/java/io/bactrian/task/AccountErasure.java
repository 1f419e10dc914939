package io.bactrian.task;

import io.bactrian.NotFoundException;
import io.bactrian.account.Accounts;
import io.bactrian.scrape.CachedPages;
import io.bactrian.webhook.FileDeliveries;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The end of what closed accounts have left: open tasks are cancelled, all tasks deleted with their rows and logs, the pages
 * kept for them forgotten, and so are their deliveries and their signing secret.
 *
 * <p>Tasks are deleted one by one, each in a transaction of its own, so that however much there is, it takes no long locks.
 */
@Service
public class AccountErasure {
    private static final Logger LOG = LoggerFactory.getLogger(AccountErasure.class);
    private static final int ACCOUNTS_AT_ONCE = 20;
    private static final int TASKS_AT_ONCE = 100;

    /** How often in a row the tasks of one account are looked for, so that one with very many leaves others their turn. */
    private static final int ROUNDS = 50;

    private final Accounts accounts;
    private final Tasks tasks;
    private final CachedPages pages;
    private final FileDeliveries deliveries;
    private final JdbcClient database;

    AccountErasure(Accounts accounts, Tasks tasks, CachedPages pages, FileDeliveries deliveries, JdbcClient database) {
        this.accounts = accounts;
        this.tasks = tasks;
        this.pages = pages;
        this.deliveries = deliveries;
        this.database = database;
    }

    /** Goes on with the accounts that were closed and of which something is left. */
    public void eraseClosed() {
        for (UUID account : accounts.closing(ACCOUNTS_AT_ONCE)) {
            for (int round = 0; round < ROUNDS && eraseSome(account); round++) {
                LOG.debug("Account {} has more tasks to erase", account);
            }
        }
    }

    /**
     * Erases up to 100 tasks of a closed account; when there are no more, the account counts as erased.
     *
     * @return whether there may be more
     */
    public boolean eraseSome(UUID accountId) {
        List<UUID> found = database.sql("SELECT id FROM task WHERE account_id = ? LIMIT ?")
                .params(accountId, TASKS_AT_ONCE)
                .query(UUID.class)
                .list();
        found.forEach(task -> erase(accountId, task));
        database.sql("DELETE FROM idempotency_key WHERE account_id = ?")
                .param(accountId)
                .update();
        pages.forget(accountId.toString());
        deliveries.forget(accountId);
        if (found.size() == TASKS_AT_ONCE) {
            return true;
        }
        accounts.erased(accountId);
        return false;
    }

    private void erase(UUID accountId, UUID task) {
        try {
            boolean cancelled = tasks.cancelOrDelete(accountId, task);
            if (cancelled) {
                tasks.cancelOrDelete(accountId, task);
            }
        } catch (NotFoundException gone) {
            LOG.debug("Another node has erased task {}", task, gone);
        }
    }
}
