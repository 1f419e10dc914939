package io.bactrian.task;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountRemains;
import io.bactrian.account.ErasureFailures;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.scrape.CachedPages;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

    /** How far the tasks of an account have had their turn, so that many that fail keep no other from it. */
    private final Map<UUID, Place> reached = new ConcurrentHashMap<>();

    TaskErasure(Tasks tasks, CachedPages pages, IdempotencyKeys keys, JdbcClient database) {
        this.tasks = tasks;
        this.pages = pages;
        this.keys = keys;
        this.database = database;
    }

    /** Where a task stands among those of its account. */
    private record Place(Timestamp createdAt, UUID task) {
        static final Place FIRST = new Place(new Timestamp(0), new UUID(0, 0));
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        Place before = reached.getOrDefault(accountId, Place.FIRST);
        List<Place> found = database.sql("""
                        SELECT created_at, id FROM task WHERE account_id = ? AND (created_at, id) > (?, ?)
                         ORDER BY created_at, id LIMIT ?""")
                .params(accountId, before.createdAt(), before.task(), TASKS_AT_ONCE)
                .query((row, number) -> new Place(row.getTimestamp(1), row.getObject(2, UUID.class)))
                .list();
        boolean last = found.size() < TASKS_AT_ONCE;
        if (last) {
            reached.remove(accountId);
        } else {
            reached.put(accountId, found.getLast());
        }
        ErasureFailures failures = new ErasureFailures();
        failures.forEach(found, place -> erase(accountId, place.task()));
        boolean more = keys.forget(accountId);
        more |= pages.forget(accountId.toString());
        failures.throwFirst();
        // Those before that place may have failed when it was their turn.
        return more || !last || !before.equals(Place.FIRST);
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
