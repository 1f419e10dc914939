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
                        SELECT status, pages_total, CASE status WHEN 'running' THEN
                            (SELECT coalesce(sum(l.pages_done), 0) FROM task_lane l WHERE l.task_id = t.id)
                            ELSE pages_done END
                          FROM task t WHERE id = ? AND account_id = ?""")
                .params(id, accountId)
                .query((row, number) -> new Snapshot(TaskStatus.of(row.getString(1)), row.getInt(3), row.getInt(2)))
                .optional()
                .orElseThrow(() -> new NotFoundException("Task"));
    }
}
