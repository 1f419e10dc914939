package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.TestLock;
import io.bactrian.task.TaskRoom.NoMonitoring;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Admission of accounts with very many pending tasks; two tasks of an account run at once. */
class AdmissionTest {
    private static final TaskRoom ROOM = new TaskRoom(2, NoMonitoring.class);
    private static final DataSource DATA_SOURCE = ROOM.get(DataSource.class);

    private final Admission admission = ROOM.get(Admission.class);
    private final UUID account = UUID.randomUUID();

    @AfterAll
    static void closeRoom() {
        ROOM.close();
    }

    @Test
    void startsTheMostUrgentAndThenTheOldestOfTwentyThousandPendingTasks() throws Exception {
        pending(account, 20_000);

        admit(account);

        assertThat(running(account)).containsExactly("Task 10", "Task 20");
    }

    @Test
    void startsOneTaskForEachPlaceThatIsFree() throws Exception {
        pending(account, 30);
        admit(account);
        ROOM.database()
                .sql(
                        "UPDATE task SET status = 'completed', completed_at = updated_at WHERE account_id = ? AND name = 'Task 20'")
                .param(account)
                .update();

        admit(account);

        assertThat(running(account)).containsExactly("Task 10", "Task 30");
    }

    @Test
    void aCheckOfAMonitoringTaskWaitsInTheSameOrderAsTasks() throws Exception {
        pending(account, 20);
        UUID monitor = monitorWithCheckWaiting(account, 10);

        admit(account);

        assertThat(running(account)).containsExactly("Monitor", "Task 10");
        assertThat(ROOM.database()
                        .sql("SELECT begun_at IS NOT NULL FROM task_check WHERE task_id = ?")
                        .param(monitor)
                        .query(Boolean.class)
                        .single())
                .isTrue();
    }

    @Test
    void aChangedPriorityCountsForAWaitingCheckToo() throws Exception {
        pending(account, 20);
        UUID monitor = monitorWithCheckWaiting(account, 10);
        ROOM.get(Tasks.class).update(account, monitor, null, false, null, 1);

        admit(account);

        assertThat(begunChecks(account)).isZero();
    }

    @Test
    void aRestingMonitoringTaskHoldsNoPlace() throws Exception {
        pending(account, 20);
        UUID monitor = monitorWithCheckWaiting(account, 10);
        ROOM.database()
                .sql("DELETE FROM task_check WHERE task_id = ?")
                .param(monitor)
                .update();

        admit(account);

        assertThat(running(account)).containsExactly("Monitor", "Task 10", "Task 20");
    }

    @Test
    void anAdmissionUnderWayKeepsNoConsumerFromOtherAccounts() throws Exception {
        UUID other = UUID.randomUUID();
        pending(account, 20_000);
        pending(other, 20);
        ROOM.take("TASKS_ADMIT");
        try (ExecutorService consumers = Executors.newFixedThreadPool(2)) {
            List<Future<?>> stuck;
            try (TestLock held = TestLock.hold(
                    DATA_SOURCE, "SELECT 1 FROM task WHERE account_id = ? AND name = 'Task 10' FOR UPDATE", account)) {
                stuck = List.of(consumers.submit(() -> admit(account)), consumers.submit(() -> admit(account)));
                Future<?> free = consumers.submit(() -> admit(other));

                held.awaitWaiting(1);
                await().until(free::isDone);
                assertThat(running(other)).containsExactly("Task 10", "Task 20");
                assertThat(running(account)).isEmpty();
            }
            for (Future<?> future : stuck) {
                future.get();
            }
        }
        assertThat(running(account)).containsExactly("Task 10", "Task 20");
    }

    @Test
    void manyRequestsDuringAnAdmissionAreOneAfterIt() throws Exception {
        pending(account, 20);
        ROOM.take("TASKS_ADMIT");
        try (ExecutorService consumers = Executors.newFixedThreadPool(2)) {
            Future<?> stuck;
            try (TestLock held = TestLock.hold(
                    DATA_SOURCE, "SELECT 1 FROM task WHERE account_id = ? AND name = 'Task 10' FOR UPDATE", account)) {
                stuck = consumers.submit(() -> admit(account));
                held.awaitWaiting(1);
                for (int i = 0; i < 50; i++) {
                    admit(account);
                }
                assertThat(ROOM.messages("TASKS_ADMIT")).isEmpty();
            }
            stuck.get();
        }
        assertThat(ROOM.take("TASKS_ADMIT")).containsExactly("{\"account\":\"" + account + "\"}");

        admit(account);

        assertThat(ROOM.messages("TASKS_ADMIT")).isEmpty();
    }

    @Test
    void readsWhoIsNextAndHowManyRunOutOfIndexes() {
        pending(account, 5_000);
        ROOM.database().sql("ANALYZE task").update();

        for (String statement : List.of(Admission.NEXT, Admission.RUNNING)) {
            assertThat(String.join(
                            "\n",
                            ROOM.database()
                                    .sql("EXPLAIN " + statement)
                                    .param("account", account)
                                    .param("passed", "{}")
                                    .query(String.class)
                                    .list()))
                    .doesNotContain("Seq Scan on task ")
                    .doesNotContainPattern("-> +(Incremental )?Sort");
        }
    }

    private Void admit(UUID of) throws JsonProcessingException {
        admission.admit("{\"account\": \"" + of + "\"}");
        return null;
    }

    /** Tasks with numbers: every tenth is urgent, and a task with a smaller number is older. */
    private static void pending(UUID account, int tasks) {
        ROOM.database().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        SELECT gen_random_uuid(), ?, 'Task ' || n, 'simple_scraping', 'pending',
                               CASE WHEN n % 10 = 0 THEN 10 ELSE 1 + n % 9 END,
                               '{"selectors": {"title": "h1"}}', 'free', 1, 5, 5, at, at
                          FROM generate_series(1, ?) n,
                               LATERAL (SELECT timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second' AS at)""").params(account, tasks).update();
    }

    /** A running monitoring task, older than all others. */
    private static UUID monitorWithCheckWaiting(UUID account, int priority) {
        UUID monitor = UUID.randomUUID();
        ROOM.database().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        VALUES (?, ?, 'Monitor', 'monitoring', 'running', ?, '{"selectors": {"title": "h1"}}', 'free', 1, 5, 5,
                            '2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z')""").params(monitor, account, priority).update();
        ROOM.database().sql("""
                        INSERT INTO task_check (task_id, account_id, priority, number, units, requested_at)
                        VALUES (?, ?, ?, 2, 5, '2025-12-31T00:00:00Z')""").params(monitor, account, priority).update();
        return monitor;
    }

    private static List<String> running(UUID account) {
        return ROOM.database()
                .sql("SELECT name FROM task WHERE account_id = ? AND status = 'running' ORDER BY name")
                .param(account)
                .query(String.class)
                .list();
    }

    private static int begunChecks(UUID account) {
        return ROOM.database()
                .sql("SELECT count(*) FROM task_check WHERE account_id = ? AND begun_at IS NOT NULL")
                .param(account)
                .query(Integer.class)
                .single();
    }
}
