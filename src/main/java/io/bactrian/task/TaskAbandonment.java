package io.bactrian.task;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import io.bactrian.recovery.StartAttempt;
import io.bactrian.task.TaskEnd.Counts;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The end of tasks at which the service itself fails again and again: their lanes retire, pages that are not done become failed
 * rows, pages that are done are paid for, and the account's place is free.
 *
 * <p>Nothing here reads what may be broken: not the task's config, and not the counts of its lanes.
 */
@Service
class TaskAbandonment {
    private static final Logger LOG = LoggerFactory.getLogger(TaskAbandonment.class);
    private static final String STEP = "recovery";

    /** Lanes that have failed after their last reissue; {@code l} is {@code task_lane}. */
    private static final String HOPELESS_LANE = """
            NOT l.retired AND l.due_at < :lost AND l.due_at + work_wait(:seconds, l.reissues) < :now
             AND l.reissues >= :most AND work_failed('task:' || l.task_id || ':lane:' || l.lane, l.due_at)""";

    static final String HOPELESS_TASKS = """
            SELECT t.id FROM task t
             WHERE t.asked_at < :lost AND t.asked_at + work_wait(:seconds, t.reissues) < :now
               AND t.reissues >= :most AND work_failed('task:' || t.id, t.asked_at)
             ORDER BY t.asked_at LIMIT :few""";

    private final TaskStore store;
    private final TaskEnd end;
    private final MissingRows missing;
    private final TaskChecks checks;
    private final MonitoringTasks monitoring;
    private final TaskLog log;
    private final Outbox outbox;
    private final Recovery recovery;
    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final TransactionTemplate savepoints;
    private final Clock clock;

    TaskAbandonment(
            TaskStore store,
            TaskEnd end,
            MissingRows missing,
            TaskChecks checks,
            MonitoringTasks monitoring,
            TaskLog log,
            Outbox outbox,
            Recovery recovery,
            JdbcClient database,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.store = store;
        this.end = end;
        this.missing = missing;
        this.checks = checks;
        this.monitoring = monitoring;
        this.log = log;
        this.outbox = outbox;
        this.recovery = recovery;
        this.database = database;
        this.transactions = new TransactionTemplate(transactions);
        this.savepoints = new TransactionTemplate(transactions);
        this.savepoints.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.clock = clock;
    }

    private record Lane(UUID task, int lane) {
        String work() {
            return "task:" + task + ":lane:" + lane;
        }
    }

    /** What of a task can be read whatever is broken. */
    private record Open(
            TaskType type, TaskStatus status, @Nullable Integer check) {}

    /** Retires the lanes that have failed after their last reissue; the last one of a task asks for the end. */
    void abandonLanes() {
        List<Lane> hopeless = recovery.statement("SELECT l.task_id, l.lane FROM task_lane l WHERE " + HOPELESS_LANE
                        + " ORDER BY l.due_at LIMIT :few")
                .query((row, number) -> new Lane(row.getObject(1, UUID.class), row.getInt(2)))
                .list();
        Recovery.forEach(hopeless, "abandon lane", lane -> {
            boolean abandoned = Boolean.TRUE.equals(transactions.execute(status -> retire(lane)));
            if (abandoned) {
                recovery.abandoned("task-lane", lane.work(), "Its pages that are not done become failed rows.");
            }
        });
    }

    private boolean retire(Lane lane) {
        Open task = lock(lane.task()).orElse(null);
        int retired = recovery.statement("""
                        UPDATE task_lane l SET retired = true, abandoned = true, sequence = sequence + 1
                         WHERE l.task_id = :task AND l.lane = :lane AND
                        """ + HOPELESS_LANE)
                .param("task", lane.task())
                .param("lane", lane.lane())
                .update();
        if (retired == 0) {
            return false;
        }
        if (task == null) {
            // Nothing is left that it could be a lane of.
            end.closeLanes(lane.task());
            return true;
        }
        log.write(
                lane.task(),
                Level.ERROR,
                STEP,
                "Lane %d failed again and again, and was abandoned".formatted(lane.lane()),
                Map.of("lane", lane.lane()));
        if (end.openLanes(lane.task()) == 0) {
            askForEnd(lane.task(), task.check());
        }
        return true;
    }

    /** @param check the number of the check that is under way; null for tasks that are not monitored */
    void askForEnd(UUID task, @Nullable Integer check) {
        if (check == null) {
            outbox.write(Destination.TASKS_END, new TaskEnd.Request(task), Map.of(), null);
        } else {
            outbox.write(Destination.MONITORS_CHECKED, new TaskChecks.Done(task, check), Map.of(), null);
        }
    }

    private void lockRow(UUID task) {
        database.sql("SELECT 1 FROM task WHERE id = ? FOR NO KEY UPDATE")
                .param(task)
                .query()
                .listOfRows();
    }

    private Optional<Open> lock(UUID task) {
        lockRow(task);
        return database.sql("""
                        SELECT t.task_type, t.status, c.number FROM task t
                          LEFT JOIN task_check c ON c.task_id = t.id AND c.begun_at IS NOT NULL WHERE t.id = ?""")
                .param(task)
                .query((row, number) -> new Open(
                        TaskType.of(row.getString(1)),
                        TaskStatus.of(row.getString(2)),
                        row.getObject(3, Integer.class)))
                .optional();
    }

    /** Ends tasks, and checks of monitoring tasks, whose end or sitemap has failed after the last time that it was asked for. */
    void abandonTasks() {
        List<UUID> hopeless =
                recovery.statement(HOPELESS_TASKS).query(UUID.class).list();
        Recovery.forEach(hopeless, "abandon task", this::abandon);
    }

    private void abandon(UUID id) {
        boolean ended;
        try {
            ended = Boolean.TRUE.equals(transactions.execute(status -> endWithWhatIsThere(id)));
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            LOG.error(
                    "Task {} cannot be settled, and ends without: its units stay reserved, and no event goes out."
                            + " Run ./bactrian ledger check, and correct what it says",
                    id,
                    e);
            transactions.executeWithoutResult(status -> endBarely(id));
            ended = true;
        }
        if (ended) {
            recovery.abandoned("task", "task:" + id, "It has ended with the rows that it has.");
        }
    }

    private boolean endWithWhatIsThere(UUID id) {
        Open open = lock(id).orElse(null);
        Task task = open == null ? null : store.find(id).orElse(null);
        if (open == null || task == null || !isUnsettled(id, open)) {
            stopAsking(id);
            return false;
        }
        log.write(id, Level.ERROR, STEP, "The end of the task failed again and again, and was abandoned", Map.of());
        switch (open.status()) {
            case RUNNING, PENDING -> {
                if (open.type() == TaskType.MONITORING && open.check() != null) {
                    endCheck(task, open.check());
                } else {
                    finish(task);
                }
            }
            // Its pages that were not reached are rows that say so.
            case CANCELLED -> {
                end.endCancelled(task);
                end.closeLanes(id);
            }
            case COMPLETED, FAILED -> end.closeLanes(id);
        }
        stopAsking(id);
        return true;
    }

    private boolean isUnsettled(UUID id, Open open) {
        return !open.status().ended()
                || database.sql("SELECT EXISTS (SELECT 1 FROM task_lane WHERE task_id = ?)")
                        .param(id)
                        .query(Boolean.class)
                        .single();
    }

    private void finish(Task task) {
        end.closeLanes(task.id());
        Counts counts = missing.add(task);
        end.finish(
                task,
                counts.had() > 0 ? TaskStatus.COMPLETED : TaskStatus.FAILED,
                counts,
                counts.had() > 0
                        ? null
                        : "The service failed at this task again and again, and gave it up. Its units were released."
                                + " Create it again, and tell the operator if that fails too.",
                () -> {});
    }

    private void endCheck(Task task, int check) {
        end.closeLanes(task.id());
        TaskChecks.Ended ended = checks.finish(task, check, missing.add(task));
        monitoring.abandoned(task, check);
        checks.settle(ended);
    }

    /** The last resort, when even the settlement cannot be done: frees the place, and leaves the rest to the operator. */
    private void endBarely(UUID id) {
        lockRow(id);
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("""
                        UPDATE task SET status = CASE WHEN status IN ('pending', 'running') THEN 'failed' ELSE status END,
                            error_message = coalesce(error_message, ?), completed_at = coalesce(completed_at, ?),
                            updated_at = ?, asked_at = NULL, reissues = 0
                         WHERE id = ?""")
                .params("The service failed to end this task. Tell the operator its id.", now, now, id)
                .update();
        for (String table : List.of("task_lane", "task_cursor", "task_check")) {
            database.sql("DELETE FROM " + table + " WHERE task_id = ?")
                    .param(id)
                    .update();
        }
        database.sql("SELECT account_id FROM task WHERE id = ?")
                .param(id)
                .query(UUID.class)
                .optional()
                .ifPresent(account ->
                        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(account), Map.of(), null));
    }

    private void stopAsking(UUID id) {
        database.sql("UPDATE task SET asked_at = NULL, reissues = 0 WHERE id = ?")
                .param(id)
                .update();
    }

    /**
     * Starts a task, or its check, and fails it where it can never start; the account's other tasks go on either way.
     *
     * @param start what starts the task, which this transaction has locked
     */
    StartAttempt startOrFail(UUID id, Runnable start) {
        try {
            savepoints.executeWithoutResult(status -> start.run());
            return StartAttempt.STARTED;
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            return fail(id, e);
        }
    }

    private StartAttempt fail(UUID id, RuntimeException failure) {
        try {
            savepoints.executeWithoutResult(status -> {
                Task task = store.find(id).orElseThrow();
                boolean monitored = task.type() == TaskType.MONITORING;
                end.closeLanes(id);
                // Rows of a monitoring task are those of a check, and there is none.
                Counts counts = monitored ? new Counts(0, 0, 0) : missing.add(task);
                log.write(id, Level.ERROR, "admission", "The task could not be started", Map.of());
                end.finish(
                        task,
                        TaskStatus.FAILED,
                        counts,
                        "The service could not start this task, for what is stored of it cannot be read."
                                + " Create it again, and tell the operator if that fails too.",
                        () -> {
                            if (monitored) {
                                monitoring.cancelled(task);
                            }
                        });
            });
            recovery.abandoned("task", "task:" + id, "It could not be started, and has failed.", failure);
            return StartAttempt.FAILED;
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            e.addSuppressed(failure);
            LOG.error("Task {} can neither be started nor failed, and is passed over", id, e);
            return StartAttempt.PASSED_OVER;
        }
    }
}
