package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.TestLock;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.task.TaskRoom.NoMonitoring;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the end of a task locks, and for how long. */
class TaskEndTest {
    private static final TaskRoom ROOM = new TaskRoom(2, NoMonitoring.class);
    private static final DataSource DATA_SOURCE = ROOM.get(DataSource.class);

    private final UUID account = ROOM.accountWith(1_000);

    @AfterAll
    static void closeRoom() {
        ROOM.close();
    }

    @Test
    void takesTheBalanceAfterEverythingElse() throws Exception {
        UUID task = running();
        ROOM.runLanes(
                page -> new Outcome.Scraped("{}", new PageMetadata(page.url(), 200, "text/html", Instant.EPOCH, 1, 1)));
        String request = ROOM.take("TASKS_END").getFirst();

        try (ExecutorService consumer = Executors.newSingleThreadExecutor()) {
            Future<?> end;
            try (TestLock held =
                    TestLock.hold(DATA_SOURCE, "SELECT 1 FROM task_cursor WHERE task_id = ? FOR UPDATE", task)) {
                end = consumer.submit(() -> {
                    ROOM.get(TaskEnd.class).end(request);
                    return null;
                });
                held.awaitWaiting(1);
                ROOM.reserveAtOnce(account);
            }
            end.get();
        }
        assertThat(ROOM.balance(account).used()).isEqualTo(5);
        assertThat(ROOM.balance(account).reserved()).isZero();
    }

    @Test
    void aCancellationTakesTheBalanceAfterEverythingElse() throws Exception {
        UUID task = running();
        // No step can be under way, so that the task ends with its cancellation.
        ROOM.database()
                .sql("UPDATE task_lane SET due_at = due_at + interval '1 hour' WHERE task_id = ?")
                .param(task)
                .update();

        try (ExecutorService client = Executors.newSingleThreadExecutor()) {
            Future<?> cancellation;
            try (TestLock held =
                    TestLock.hold(DATA_SOURCE, "SELECT 1 FROM task_cursor WHERE task_id = ? FOR UPDATE", task)) {
                cancellation = client.submit(() -> ROOM.get(Tasks.class).cancelOrDelete(account, task));
                held.awaitWaiting(1);
                ROOM.reserveAtOnce(account);
            }
            cancellation.get();
        }
        assertThat(ROOM.balance(account).reserved()).isZero();
    }

    @Test
    void settlesAndReleasesInOneCallAndOnce() {
        Ledger ledger = ROOM.get(Ledger.class);
        ROOM.transactions().executeWithoutResult(transaction -> {
            ledger.reserve(account, Currency.COMPUTE_UNITS, 100, "work", "Work");
            ledger.end(account, Currency.COMPUTE_UNITS, 30, 70, "work", "Work");
            ledger.end(account, Currency.COMPUTE_UNITS, 30, 70, "work", "Work");
        });

        assertThat(ROOM.balance(account).used()).isEqualTo(30);
        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.balance(account).available()).isEqualTo(970);
    }

    private UUID running() throws Exception {
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.putArray("urls").add("https://shop.example/");
        config.putObject("selectors").put("title", "h1");
        Task task = ROOM.get(Tasks.class)
                .submit(new TaskSubmission(
                        account, "free", false, "Title", null, TaskType.SIMPLE_SCRAPING, 5, config, null, false));
        for (String request : ROOM.take("TASKS_ADMIT")) {
            ROOM.get(Admission.class).admit(request);
        }
        assertThat(List.of(ROOM.get(Tasks.class).find(account, task.id()).status()))
                .containsExactly(TaskStatus.RUNNING);
        return task.id();
    }
}
