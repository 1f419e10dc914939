package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestPlans;
import io.bactrian.Window;
import io.bactrian.recovery.Recovery;
import io.bactrian.task.TaskFilter.Sort;
import io.bactrian.task.TaskRoom.NoMonitoring;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/** Lists of tasks: what is on their pages, and how the database finds it. */
class TaskListTest {
    private static final TaskRoom ROOM = new TaskRoom(2, NoMonitoring.class);

    private final TaskStore store = ROOM.get(TaskStore.class);
    private final UUID account = UUID.randomUUID();

    @AfterAll
    static void closeRoom() {
        ROOM.close();
    }

    static Stream<Arguments> orders() {
        return Stream.of(Sort.values()).flatMap(sort -> Stream.of(true, false).map(up -> Arguments.of(sort, up)));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void pagesTogetherAreTheWholeListInOrder(Sort sort, boolean ascending) {
        insert(account, 45);
        Comparator<Task> order = switch (sort) {
            case CREATED_AT -> Comparator.comparing(Task::createdAt);
            case UPDATED_AT -> Comparator.comparing(Task::updatedAt);
            case NAME -> Comparator.comparing(Task::name);
            case STATUS -> Comparator.comparing(task -> task.status().code());
        };
        List<Task> read = new ArrayList<>();
        for (int page = 1; page <= 6; page++) {
            TaskPage found = store.list(
                    account, new TaskFilter(page, 10, sort, ascending, List.of(), List.of(), null, null, null));
            assertThat(found.total()).isEqualTo(45);
            read.addAll(found.tasks());
        }

        assertThat(read).hasSize(45).isSortedAccordingTo(ascending ? order : order.reversed());
        assertThat(read).extracting(Task::id).doesNotHaveDuplicates();
    }

    @Test
    void totalsFollowEveryChangeOfATask() {
        insert(account, 40);
        assertThat(total(List.of(TaskStatus.PENDING), List.of())).isEqualTo(10);
        ROOM.database()
                .sql("UPDATE task SET status = 'running' WHERE account_id = ? AND status = 'pending'")
                .param(account)
                .update();
        ROOM.database()
                .sql("DELETE FROM task WHERE account_id = ? AND status = 'failed'")
                .param(account)
                .update();

        assertThat(total(List.of(), List.of())).isEqualTo(30);
        assertThat(total(List.of(TaskStatus.PENDING, TaskStatus.RUNNING), List.of()))
                .isEqualTo(10);
        assertThat(total(List.of(TaskStatus.FAILED), List.of())).isZero();
        assertThat(total(List.of(TaskStatus.COMPLETED), List.of(TaskType.BULK_SCRAPING)))
                .isEqualTo(10);
        assertThat(total(List.of(), List.of(TaskType.SIMPLE_SCRAPING))).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource({"100%, 1", "%, 1", "a_b, 1", "A_B, 1", "'\\', 1", "name, 3", "É, 1", "é, 1", "none, 0"})
    void aPartOfANameIsTakenLiterallyInAnyCase(String part, int found) {
        for (String name : List.of("Name 100%", "A name a_b", "No name axb \\", "É")) {
            insertNamed(account, name);
        }

        assertThat(list(part, null).total()).isEqualTo(found);
        assertThat(list(part, null).tasks()).hasSize(found);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-01T00:00:00.123Z, 0",
        "2026-01-01T00:00:00.122Z, 1",
        "2026-01-01T00:00:00.122999Z, 1",
        "2026-01-01T00:00:00.123456Z, 0",
        "2025-12-31T00:00:00Z, 1"
    })
    void aTaskIsNotCreatedAfterTheMillisecondThatItShows(Instant after, int found) {
        UUID task = insertNamed(account, "A task");
        ROOM.database()
                .sql("UPDATE task SET created_at = '2026-01-01T00:00:00.123789Z' WHERE id = ?")
                .param(task)
                .update();

        assertThat(list(null, after).total()).isEqualTo(found);
    }

    @Test
    void everyListIsReadOutOfAnIndexInOrder() {
        insert(account, 50_000);
        ROOM.database().sql("VACUUM ANALYZE task").update();

        for (Sort sort : Sort.values()) {
            for (int page : List.of(1, 2_000, 5_000)) {
                TaskFilter filter = new TaskFilter(page, 10, sort, false, List.of(), List.of(), null, null, null);
                explainIds(filter);
            }
        }
        explainIds(new TaskFilter(
                1, 10, Sort.CREATED_AT, false, List.of(TaskStatus.PENDING), List.of(), null, null, null));
        TaskFilter named = new TaskFilter(1, 10, Sort.NAME, true, List.of(), List.of(), null, null, "task 4999");
        TestPlans.assertReadByIndex(explainCount(named), "task");
        Instant late = Instant.parse("2026-01-01T13:00:00Z");
        TaskFilter created = new TaskFilter(1, 10, Sort.CREATED_AT, true, List.of(), List.of(), late, null, null);
        TestPlans.assertReadInOrder(explainCount(created), "task");
    }

    @Test
    void tasksAskedForAgainAreFoundAmongAllByAnIndex() {
        insert(account, 50_000);
        ROOM.database().sql("VACUUM ANALYZE task").update();

        TestPlans.assertReadBy(
                ROOM.get(Recovery.class).statement("EXPLAIN " + TaskAbandonment.HOPELESS_TASKS), "task", "task_asked");
    }

    @Test
    void aLogIsReadOutOfAnIndexInOrder() {
        ROOM.database().sql("""
                        INSERT INTO task_log (entry_id, task_id, level, step, message, metadata, created_at)
                        SELECT gen_random_uuid(), ?, 'INFO', 'scraping', 'A page', '{}', now()
                          FROM generate_series(1, 50000)""").param(account).update();
        ROOM.database().sql("VACUUM ANALYZE task_log").update();

        for (int page : List.of(1, 2_500, 5_000)) {
            Window window = Window.of(50_000, page, 10);
            TestPlans.assertReadInOrder(
                    ROOM.database()
                            .sql("EXPLAIN " + TaskLog.ids(window))
                            .params(account, window.limit(), window.offset()),
                    "task_log");
        }
        assertThat(ROOM.get(TaskLog.class).read(account, 5_000, 10).entries()).hasSize(10);
    }

    private void explainIds(TaskFilter filter) {
        List<Object> parameters = new ArrayList<>();
        String ids = TaskStore.ids(account, filter, Window.of(50_000, filter.page(), 10), parameters);
        TestPlans.assertReadInOrder(ROOM.database().sql("EXPLAIN " + ids).params(parameters), "task");
    }

    private StatementSpec explainCount(TaskFilter filter) {
        List<Object> parameters = new ArrayList<>();
        String count = TaskStore.count(account, filter, parameters);
        return ROOM.database().sql("EXPLAIN " + count).params(parameters);
    }

    private long total(List<TaskStatus> statuses, List<TaskType> types) {
        TaskPage page = store.list(account, new TaskFilter(1, 100, Sort.NAME, true, statuses, types, null, null, null));
        assertThat(page.tasks()).hasSize((int) page.total());
        return page.total();
    }

    private TaskPage list(@Nullable String part, @Nullable Instant after) {
        return store.list(
                account, new TaskFilter(1, 100, Sort.CREATED_AT, true, List.of(), List.of(), after, null, part));
    }

    private static UUID insertNamed(UUID account, String name) {
        UUID id = UUID.randomUUID();
        ROOM.database().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        VALUES (?, ?, ?, 'simple_scraping', 'completed', 5, '{}', 'free', 1, 5, 5, now(), now())""").params(id, account, name).update();
        return id;
    }

    /** A quarter of each of four states, half of each of two types; names, times of creation and times of change in three orders. */
    private static void insert(UUID account, int tasks) {
        ROOM.database().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        SELECT gen_random_uuid(), ?, 'Task ' || lpad(((n * 7919::bigint) % 100003)::text, 6, '0'),
                               CASE n % 2 WHEN 0 THEN 'bulk_scraping' ELSE 'simple_scraping' END,
                               (ARRAY['completed', 'failed', 'cancelled', 'pending'])[n % 4 + 1], 5, '{}', 'free', 1, 5, 5,
                               timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second',
                               timestamptz '2026-01-03T00:00:00Z' + ((n * 104729::bigint) % 100003) * interval '1 second'
                          FROM generate_series(1, ?) n""").params(account, tasks).update();
    }
}
