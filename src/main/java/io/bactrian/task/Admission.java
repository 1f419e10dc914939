package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.Plans;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Starts pending tasks, and checks of monitoring tasks that are due: as many at once for each account as its plan allows, by
 * priority, then by age.
 */
@Service
public class Admission {
    /** How many of the account's places are taken: by running tasks, and by checks that have begun. */
    static final String RUNNING = """
            SELECT (SELECT count(*) FROM task
                     WHERE account_id = :account AND status = 'running' AND task_type <> 'monitoring')
                 + (SELECT count(*) FROM task_check WHERE account_id = :account AND begun_at IS NOT NULL)""";

    /**
     * The first of those that wait and were not passed over, with the account's present plan; out of two indexes in the same
     * order, each branch gives its first only.
     */
    static final String NEXT = """
            SELECT t.id, t.task_type, coalesce(a.selextract_plan, t.plan_id), t.pages_total, coalesce(c.number, 1)
              FROM task t LEFT JOIN task_check c ON c.task_id = t.id LEFT JOIN account a ON a.id = t.account_id
             WHERE t.status IN ('pending', 'running') AND t.id = (
                   SELECT id FROM (
                       (SELECT id, priority, created_at AS since FROM task
                         WHERE account_id = :account AND status = 'pending' AND task_type <> 'monitoring'
                           AND id <> ALL (CAST(:passed AS uuid[]))
                         ORDER BY priority DESC, created_at, id LIMIT 1)
                       UNION ALL
                       (SELECT task_id, priority, requested_at FROM task_check
                         WHERE account_id = :account AND begun_at IS NULL
                           AND task_id <> ALL (CAST(:passed AS uuid[]))
                         ORDER BY priority DESC, requested_at, task_id LIMIT 1)) waiting
                    ORDER BY priority DESC, since, id LIMIT 1)
               FOR NO KEY UPDATE OF t""";

    private final AdmissionTurns turns;
    private final TaskLog log;
    private final Outbox outbox;
    private final Plans plans;
    private final TaskStore store;
    private final TaskAbandonment abandonment;
    private final Recovery recovery;
    private final TransactionTemplate transactions;
    private final JdbcClient database;
    private final JdbcTemplate template;
    private final ObjectMapper json;
    private final Clock clock;

    Admission(
            AdmissionTurns turns,
            TaskLog log,
            Outbox outbox,
            Plans plans,
            TaskStore store,
            TaskAbandonment abandonment,
            Recovery recovery,
            TransactionTemplate transactions,
            JdbcClient database,
            JdbcTemplate template,
            ObjectMapper json,
            Clock clock) {
        this.turns = turns;
        this.log = log;
        this.outbox = outbox;
        this.plans = plans;
        this.store = store;
        this.abandonment = abandonment;
        this.recovery = recovery;
        this.transactions = transactions;
        this.database = database;
        this.template = template;
        this.json = json;
        this.clock = clock;
    }

    private record Lost(LaneToken token, TaskType type) {}

    /** @param check the number of the check that is to begin; 1 for a task that is no monitoring task */
    private record Pending(UUID id, String type, String planId, int pages, int check) {}

    /**
     * Starts the pending tasks that an account may start now.
     *
     * @param request JSON that names the account
     */
    public void admit(String request) throws JsonProcessingException {
        AdmissionRequest admission = json.readValue(request, AdmissionRequest.class);
        turns.take(Destination.TASKS_ADMIT, admission.account(), admission, () -> admit(admission.account()));
    }

    private void admit(UUID account) {
        int running = database.sql(RUNNING)
                .param("account", account)
                .query(Integer.class)
                .single();
        // One at a time, so that what is read is what is started, and an account without a free place costs two looks
        // at an index.
        List<UUID> passed = new ArrayList<>();
        for (Pending task = next(account, passed);
                task != null && running < plans.selextract(task.planId()).concurrentTasks();
                task = next(account, passed)) {
            // One that can never start fails alone, and takes no place; one that cannot even fail keeps none from
            // others.
            Pending next = task;
            switch (abandonment.startOrFail(task.id(), () -> start(next))) {
                case STARTED -> running++;
                case PASSED_OVER -> passed.add(task.id());
                // The balance is locked until the commit, and whoever cancels the next task locks that one first. The
                // end of this one has asked for another admission.
                case FAILED -> {
                    return;
                }
            }
        }
    }

    /**
     * Locks the task that is next to start, or gives null where there is none. One that is cancelled while its lock is waited for
     * counts as none: whoever cancels a task asks for another admission.
     */
    private @Nullable Pending next(UUID account, List<UUID> passed) {
        return database.sql(NEXT)
                .param("account", account)
                .param("passed", passed.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}")))
                .query((row, number) -> new Pending(
                        row.getObject(1, UUID.class), row.getString(2), row.getString(3), row.getInt(4), row.getInt(5)))
                .optional()
                .orElse(null);
    }

    /**
     * Asks again for the admission of accounts with tasks that have been pending for long: an earlier request may be lost. Each
     * account is asked for once in the time after which a message counts as lost, whoever asks.
     */
    @Transactional
    public void readmit() {
        recovery.statement("""
                        WITH waiting AS (
                            SELECT account_id FROM task WHERE status = 'pending' AND created_at < :lost
                            UNION
                            SELECT t.account_id FROM task_check c JOIN task t ON t.id = c.task_id
                             WHERE c.begun_at IS NULL AND c.requested_at < :lost)
                        INSERT INTO admission_request AS a (account_id, kind, asked_at)
                        SELECT account_id, 'tasks', CAST(:now AS timestamptz) FROM waiting w
                         WHERE NOT EXISTS (SELECT 1 FROM admission_request r
                                            WHERE r.account_id = w.account_id AND r.kind = 'tasks' AND r.asked_at >= :lost)
                         ORDER BY account_id LIMIT :limit
                        ON CONFLICT (account_id, kind) DO UPDATE SET asked_at = excluded.asked_at WHERE a.asked_at < :lost
                        RETURNING account_id""")
                .query(UUID.class)
                .list()
                .forEach(account ->
                        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(account), Map.of(), null));
        recovery.statement("""
                        DELETE FROM admission_request WHERE (account_id, kind) IN (
                            SELECT account_id, kind FROM admission_request
                             WHERE asked_at < CAST(:lost AS timestamptz) - interval '1 day' LIMIT :limit FOR UPDATE SKIP LOCKED)""").update();
    }

    /**
     * Issues another token to each lane whose token is long overdue, asks again for the sitemap of each task that has waited
     * long for it, and for the end of each task whose lanes have all retired a while ago. What has failed after its last
     * reissue is abandoned.
     */
    public void reissueLostTokens() {
        abandonment.abandonLanes();
        abandonment.abandonTasks();
        transactions.executeWithoutResult(status -> reissueTokens());
        transactions.executeWithoutResult(status -> askForSitemaps());
        transactions.executeWithoutResult(status -> askForEnds());
    }

    private void reissueTokens() {
        recovery.statement("""
                        UPDATE task_lane l
                           SET due_at = :now,
                               reissues = l.reissues + work_failed('task:' || l.task_id || ':lane:' || l.lane, l.due_at)::integer
                          FROM task t
                         WHERE t.id = l.task_id AND (l.task_id, l.lane) IN (
                            SELECT task_id, lane FROM task_lane
                             WHERE NOT retired AND due_at < :lost AND due_at + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most OR NOT work_failed('task:' || task_id || ':lane:' || lane, due_at))
                             ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING l.task_id, l.lane, l.sequence, t.task_type""")
                .query((row, number) -> new Lost(
                        new LaneToken(row.getObject(1, UUID.class), row.getInt(2), row.getLong(3)),
                        TaskType.of(row.getString(4))))
                .list()
                .forEach(lost -> outbox.write(lost.type().queue(), lost.token(), Map.of(), null));
    }

    private void askForSitemaps() {
        recovery.statement(asking("""
                        status = 'running' AND task_type <> 'monitoring'
                               AND NOT EXISTS (SELECT 1 FROM task_cursor c WHERE c.task_id = t.id)""") + " RETURNING a.id")
                .query(UUID.class)
                .list()
                .forEach(task ->
                        outbox.write(Destination.TASKS_SITEMAP, new SitemapIntake.Request(task, 1), Map.of(), null));
    }

    private void askForEnds() {
        recovery.statement(
                        asking("id IN (SELECT task_id FROM task_lane GROUP BY task_id HAVING bool_and(retired))") + """
                         RETURNING a.id, (SELECT c.number FROM task_check c WHERE c.task_id = a.id AND c.begun_at IS NOT NULL)""")
                .query((row, number) -> {
                    abandonment.askForEnd(row.getObject(1, UUID.class), row.getObject(2, Integer.class));
                    return number;
                })
                .list();
    }

    /** Claims the tasks to which a condition applies and that have waited long enough, and notes that they are asked for. */
    private static String asking(String condition) {
        return """
                UPDATE task a
                   SET asked_at = :now,
                       reissues = a.reissues + work_failed('task:' || a.id, coalesce(a.asked_at, a.updated_at))::integer
                 WHERE id IN (
                    SELECT id FROM task t
                     WHERE %s
                       AND updated_at < :lost AND coalesce(asked_at, updated_at) < :lost
                       AND coalesce(asked_at, updated_at) + work_wait(:seconds, reissues) < :now
                       AND (reissues < :most OR NOT work_failed('task:' || id, coalesce(asked_at, updated_at)))
                     ORDER BY updated_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)""".formatted(condition);
    }

    private void start(Pending task) {
        TaskType type = TaskType.of(task.type());
        TaskConfiguration configuration = TaskConfiguration.read(type, store.config(task.id()));
        Timestamp now = Timestamp.from(clock.instant());
        database.sql(
                        "UPDATE task SET status = 'running', started_at = coalesce(started_at, ?), updated_at = ? WHERE id = ?")
                .params(now, now, task.id())
                .update();
        if (configuration.sitemap() != null) {
            outbox.write(Destination.TASKS_SITEMAP, new SitemapIntake.Request(task.id(), 1), Map.of(), null);
            return;
        }
        if (type == TaskType.MONITORING) {
            database.sql("UPDATE task_check SET begun_at = ? WHERE task_id = ?")
                    .params(now, task.id())
                    .update();
        }
        openLanes(task.id(), configuration, task.pages() / configuration.pagesOfUrl(), firstSequence(task.check()));
    }

    /** Where the sequences of a check begin: far behind those of the check before, whose tokens may still be delivered. */
    private static long firstSequence(int check) {
        return (check - 1L) << 32;
    }

    /**
     * Opens the lanes of a running task that has none, each with its first token.
     *
     * @param urls how many URLs the task has
     */
    void openLanes(UUID task, TaskConfiguration configuration, int urls) {
        openLanes(task, configuration, urls, 0);
    }

    private void openLanes(UUID task, TaskConfiguration configuration, int urls, long sequence) {
        int lanes = configuration.lanes(urls);
        int batch = configuration.batch(urls);
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("INSERT INTO task_cursor (task_id, next_batch, batches, batch_size, pages) VALUES (?, 0, ?, ?, ?)")
                .params(task, Math.ceilDiv(urls, batch), batch, urls)
                .update();
        List<Object[]> rows = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            rows.add(new Object[] {task, lane, sequence, now});
        }
        template.batchUpdate("INSERT INTO task_lane (task_id, lane, sequence, due_at) VALUES (?, ?, ?, ?)", rows);
        for (int lane = 0; lane < lanes; lane++) {
            outbox.write(configuration.type().queue(), new LaneToken(task, lane, sequence), Map.of(), null);
        }
        log.write(
                task,
                Level.INFO,
                "admission",
                "Starting task execution: %d pages in batches of %d, at most %d at once".formatted(urls, batch, lanes),
                Map.of("pages", urls, "batch_size", batch, "parallel_requests", lanes));
    }
}
