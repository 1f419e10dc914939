package io.bactrian.task;

import io.bactrian.NotFoundException;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** How far tasks have come, in one short query for those who watch one. */
@Service
public class TaskProgress {
    private final JdbcClient database;

    TaskProgress(JdbcClient database) {
        this.database = database;
    }

    /** How far a task has come at one moment. */
    public record Snapshot(TaskStatus status, int pagesDone, int pagesTotal) {
        /** In whole percent; 100 only when all pages are done. */
        public int percent() {
            return (int) (pagesDone * 100L / pagesTotal);
        }
    }

    /**
     * How far a task has come by now.
     *
     * @throws NotFoundException when the account has no such task
     */
    public Snapshot of(UUID accountId, UUID id) {
        return database.sql("""
                        SELECT t.status, t.pages_total - coalesce(l.absent, 0), coalesce(l.done, t.pages_done)
                          FROM task t LEFT JOIN LATERAL (
                                   SELECT sum(pages_done) AS done, sum(pages_absent) AS absent FROM task_lane
                                    WHERE task_id = t.id) l ON t.status IN ('running', 'cancelled')
                         WHERE t.id = ? AND t.account_id = ?""")
                .params(id, accountId)
                .query((row, number) -> new Snapshot(TaskStatus.of(row.getString(1)), row.getInt(3), row.getInt(2)))
                .optional()
                .orElseThrow(() -> new NotFoundException("Task"));
    }
}
