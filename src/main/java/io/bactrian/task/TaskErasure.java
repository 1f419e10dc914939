package io.bactrian.task;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountRemains;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.scrape.CachedPages;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The end of what a closed account has left here: open tasks are cancelled, all tasks deleted with their rows and logs, and
 * the pages kept for them forgotten.
 *
 * <p>Tasks are deleted one by one, each in a transaction of its own, so that however much there is, it takes no long locks.
 */
@Service
class TaskErasure implements AccountRemains {
    private static final Logger LOG = LoggerFactory.getLogger(TaskErasure.class);
    private static final int TASKS_AT_ONCE = 100;

    private final Tasks tasks;
    private final CachedPages pages;
    private final IdempotencyKeys keys;
    private final JdbcClient database;

    TaskErasure(Tasks tasks, CachedPages pages, IdempotencyKeys keys, JdbcClient database) {
        this.tasks = tasks;
        this.pages = pages;
        this.keys = keys;
        this.database = database;
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        List<UUID> found = database.sql("SELECT id FROM task WHERE account_id = ? LIMIT ?")
                .params(accountId, TASKS_AT_ONCE)
                .query(UUID.class)
                .list();
        found.forEach(task -> erase(accountId, task));
        boolean more = keys.forget(accountId);
        more |= pages.forget(accountId.toString());
        return more || found.size() == TASKS_AT_ONCE;
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
