package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.TestLock;
import io.bactrian.recovery.FailedWork;
import io.bactrian.recovery.RecoveryRoom;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.PageRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of tasks at which the service itself fails, and of their neighbours. */
class TaskAbandonmentTest {
    private static final TaskRoom ROOM = new TaskRoom();
    private static final int PAGE_UNITS = 5;

    private final ObjectMapper json = ROOM.get(ObjectMapper.class);
    private final Admission admission = ROOM.get(Admission.class);
    private final Tasks tasks = ROOM.get(Tasks.class);
    private UUID account = UUID.randomUUID();

    @BeforeEach
    void begin() {
        ROOM.forgetMessages();
        account = ROOM.accountWith(10_000);
    }

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @Test
    void aLaneThatAlwaysFailsIsAbandonedAndItsPagesBecomeFailedRows() throws JsonProcessingException {
        UUID task = running(4, 2, 2);
        String poison = text(new LaneToken(task, 1, 0));
        // It has claimed pages, and fails with them.
        assertThat(ROOM.get(Lanes.class).take(poison)).isNotNull();
        ROOM.take("LANES_HTML").stream().filter(token -> !token.equals(poison)).forEach(this::run);

        failAlways(poison, "LANES_HTML");

        end();
        Task ended = tasks.find(account, task);
        assertThat(ended.status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(ended.pagesDone()).isEqualTo(4);
        assertThat(rows(task)).containsExactly("0 internal_error", "1 internal_error", "2 null", "3 null");
        assertThat(ended.unitsConsumed()).isEqualTo(2 * PAGE_UNITS);
        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
        assertThat(ROOM.messages("TASKS_EVENTS").toString()).contains("task.completed", task.toString());
        assertThat(abandoned("task-lane")).isPositive();
    }

    @Test
    void aTaskWhoseConfigBecomesUnreadableFailsAndItsNeighbourGoesOn() throws JsonProcessingException {
        UUID broken = running(3, 1, 1);
        UUID neighbour = running(1, 1, 1);
        breakConfig(broken, "{");
        String poison = text(new LaneToken(broken, 0, 0));
        assertThatThrownBy(() -> ROOM.get(Lanes.class).take(poison)).isInstanceOf(IllegalStateException.class);
        ROOM.take("LANES_HTML").stream().filter(token -> !token.equals(poison)).forEach(this::run);

        failAlways(poison, "LANES_HTML");

        end();
        Task ended = tasks.find(account, broken);
        assertThat(ended.status()).isEqualTo(TaskStatus.FAILED);
        assertThat(ended.errorMessage()).contains("The service failed");
        assertThat(rows(broken)).containsExactly("0 internal_error", "1 internal_error", "2 internal_error");
        assertThat(tasks.find(account, neighbour).status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(ROOM.balance(account).used()).isEqualTo(PAGE_UNITS);
        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void tokensThatAreLostOrWaitAreNobodysFailure() throws JsonProcessingException {
        UUID task = running(2, 1, 1);
        for (int i = 0; i < 10; i++) {
            ROOM.take("LANES_HTML");
            recoverAfter(Duration.ofMinutes(16));
            assertThat(ROOM.messages("LANES_HTML").stream().filter(token -> token.contains(task.toString())))
                    .as("issue %d", i)
                    .hasSize(1);
        }
        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.RUNNING);
    }

    @Test
    void progressSetsTheCountBack() throws JsonProcessingException {
        UUID task = running(8, 1, 1);
        for (int page = 0; page < 8; page++) {
            String token = ROOM.take("LANES_HTML").getFirst();
            fail(token);
            recoverAfter(Duration.ofMinutes(16));
            ROOM.take("LANES_HTML").forEach(this::runOnce);
        }
        end();
        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(rows(task)).hasSize(8).allMatch(row -> row.endsWith("null"));
    }

    @Test
    void anEndWhoseCountsDoNotAddUpIsAbandonedAndSettledByTheRows() throws JsonProcessingException {
        UUID task = running(2, 1, 2);
        ROOM.take("LANES_HTML").forEach(this::run);
        ROOM.database()
                .sql("UPDATE task_lane SET pages_done = 7, pages_had = 7 WHERE task_id = ?")
                .param(task)
                .update();
        String poison = ROOM.take("TASKS_END").getFirst();
        assertThatThrownBy(() -> ROOM.get(TaskEnd.class).end(poison)).hasMessageContaining("with 7 of 2 pages");

        failAlways(poison, "TASKS_END");

        Task ended = tasks.find(account, task);
        assertThat(ended.status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(ended.unitsConsumed()).isEqualTo(2 * PAGE_UNITS);
        assertThat(ROOM.balance(account).reserved()).isZero();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
        assertThat(ROOM.messages("TASKS_ADMIT")).isNotEmpty();
        assertThat(abandoned("task")).isPositive();
    }

    @Test
    void aTaskThatCannotEvenBeSettledFreesItsPlace() throws JsonProcessingException {
        UUID task = running(1, 1, 1);
        ROOM.take("LANES_HTML").forEach(this::run);
        String poison = ROOM.take("TASKS_END").getFirst();
        // More than the reservation: the ledger refuses to settle it.
        ROOM.database()
                .sql("UPDATE task SET unit_price = 1000000 WHERE id = ?")
                .param(task)
                .update();
        assertThatThrownBy(() -> ROOM.get(TaskEnd.class).end(poison)).isInstanceOf(RuntimeException.class);

        failAlways(poison, "TASKS_END");

        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.FAILED);
        assertThat(ROOM.messages("TASKS_ADMIT")).isNotEmpty();
        assertThat(ROOM.ledgerDifferences()).anyMatch(difference -> difference.contains(task.toString()));
        // So that the ledger is right for the other tests.
        ROOM.database()
                .sql("UPDATE task SET status = 'running', unit_price = 5 WHERE id = ?")
                .param(task)
                .update();
        assertThat(tasks.cancelOrDelete(account, task)).isTrue();
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void tasksThatCanNeverStartFailAloneAndTheOthersStart() throws JsonProcessingException {
        List<UUID> submitted =
                IntStream.range(0, 5).mapToObj(i -> submit(1, 1, 1)).toList();
        breakConfig(submitted.get(0), "{");
        breakConfig(submitted.get(1), "[]");
        breakConfig(submitted.get(2), "{\"selectors\": 7}");
        ROOM.database()
                .sql("UPDATE task SET task_type = 'unheard_of' WHERE id = ?")
                .param(submitted.get(3))
                .update();

        // Each that has failed asks for another admission.
        while (!ROOM.take("TASKS_ADMIT").isEmpty()) {
            admit();
        }

        ROOM.database()
                .sql("UPDATE task SET task_type = 'bulk_scraping' WHERE id = ?")
                .param(submitted.get(3))
                .update();
        assertThat(submitted.subList(0, 3)).allSatisfy(id -> {
            Task task = tasks.find(account, id);
            assertThat(task.status()).isEqualTo(TaskStatus.FAILED);
            assertThat(task.errorMessage()).contains("could not start this task");
            assertThat(rows(id)).containsExactly("0 internal_error");
        });
        assertThat(tasks.find(account, submitted.get(4)).status()).isEqualTo(TaskStatus.RUNNING);
        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(3).allMatch(event -> event.contains("task.failed"));
        assertThat(ROOM.balance(account).reserved()).isEqualTo(2 * PAGE_UNITS);
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aTaskThatFailsAtItsStartDoesNotKeepTheBalanceWhileTheNextTaskIsLocked() throws Exception {
        UUID broken = submit(1, 1, 1);
        ROOM.clock().advance(Duration.ofSeconds(1));
        UUID next = submit(1, 1, 1);
        breakConfig(broken, "{");
        ROOM.forgetMessages();
        double before = abandoned("task");
        try (ExecutorService node = Executors.newSingleThreadExecutor();
                // As whoever deletes a task, before the units are given back.
                TestLock held =
                        TestLock.hold(ROOM.get(DataSource.class), "SELECT 1 FROM task WHERE id = ? FOR UPDATE", next)) {
            node.submit(() -> {
                        admit();
                        return true;
                    })
                    .get(10, TimeUnit.SECONDS);

            assertThat(held.waiting()).isZero();
            assertThat(tasks.find(account, broken).status()).isEqualTo(TaskStatus.FAILED);
            assertThat(tasks.find(account, next).status()).isEqualTo(TaskStatus.PENDING);
            assertThat(abandoned("task")).isEqualTo(before + 1);
        }
        assertThat(ROOM.take("TASKS_ADMIT")).hasSize(1);
        // So that it has no lanes that the other tests would see.
        assertThat(tasks.cancelOrDelete(account, next)).isTrue();
    }

    @Test
    void twoNodesNeverIssueTheSameTokenAgain() throws Exception {
        UUID task = running(4, 2, 2);
        ROOM.forgetMessages();
        ROOM.clock().advance(Duration.ofMinutes(16));
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            ROOM.transactions().executeWithoutResult(transaction -> {
                admission.reissueLostTokens();
                admission.readmit();
                // The other node looks while this one has not committed, and waits for nothing.
                try {
                    other.submit(() -> {
                                admission.reissueLostTokens();
                                return true;
                            })
                            .get(10, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new AssertionError("The other node waits for this one", e);
                }
            });
        }
        admission.reissueLostTokens();
        assertThat(ROOM.messages("LANES_HTML").stream().filter(token -> token.contains(task.toString())))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void anAccountIsAskedForOnceHoweverManyNodesLook() {
        submit(1, 1, 1);
        ROOM.forgetMessages();
        ROOM.clock().advance(Duration.ofMinutes(16));

        admission.readmit();
        admission.readmit();

        assertThat(ROOM.messages("TASKS_ADMIT").stream().filter(request -> request.contains(account.toString())))
                .hasSize(1);
        ROOM.clock().advance(Duration.ofMinutes(16));
        admission.readmit();
        assertThat(ROOM.messages("TASKS_ADMIT").stream().filter(request -> request.contains(account.toString())))
                .hasSize(2);
    }

    private UUID running(int pages, int parallel, int batch) throws JsonProcessingException {
        UUID task = submit(pages, parallel, batch);
        admit();
        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.RUNNING);
        return task;
    }

    private UUID submit(int pages, int parallel, int batch) {
        ObjectNode config =
                json.createObjectNode().put("parallel_requests", parallel).put("batch_size", batch);
        IntStream.range(0, pages).mapToObj(page -> "https://a.example/" + page).forEach(config.putArray("urls")::add);
        config.putObject("selectors").put("title", "h1");
        return tasks.submit(new TaskSubmission(
                        account, "free", false, "Pages", null, TaskType.BULK_SCRAPING, 5, config, null, false))
                .id();
    }

    private void admit() throws JsonProcessingException {
        admission.admit(json.writeValueAsString(new AdmissionRequest(account)));
    }

    private String text(LaneToken token) throws JsonProcessingException {
        return json.writeValueAsString(token);
    }

    private static void breakConfig(UUID task, String config) {
        ROOM.database()
                .sql("UPDATE task SET config = ? WHERE id = ?")
                .params(config, task)
                .update();
    }

    /** Lets a message fail whenever it is issued, until it is issued no more. */
    private void failAlways(String message, String destination) {
        fail(message);
        int issues = 1;
        for (int i = 0; i < 20; i++) {
            recoverAfter(Duration.ofMinutes(16));
            if (ROOM.take(destination).contains(message)) {
                issues++;
                fail(message);
            }
        }
        assertThat(issues).as("issues of " + message).isEqualTo(1 + RecoveryRoom.REISSUES);
    }

    private static void fail(String message) {
        ROOM.get(FailedWork.class)
                .note("bactrian.some.queue", message, new IllegalStateException("It fails\0 always."));
    }

    private void recoverAfter(Duration duration) {
        ROOM.clock().advance(duration);
        admission.reissueLostTokens();
        admission.readmit();
    }

    private void run(String token) {
        ROOM.runLane(token, TaskAbandonmentTest::had);
        ROOM.runLanes(TaskAbandonmentTest::had);
    }

    private void runOnce(String token) {
        ROOM.runLane(token, TaskAbandonmentTest::had);
    }

    private static Outcome had(PageRequest page) {
        return new Outcome.Scraped("{\"title\": \"A page\"}", new PageMetadata(null, null, null, Instant.EPOCH, 1, 1));
    }

    private void end() throws JsonProcessingException {
        for (String request : ROOM.take("TASKS_END")) {
            ROOM.get(TaskEnd.class).end(request);
        }
    }

    private static List<String> rows(UUID task) {
        return ROOM.database()
                .sql(
                        "SELECT position || ' ' || coalesce(error_code, 'null') FROM task_row WHERE task_id = ? ORDER BY position")
                .param(task)
                .query(String.class)
                .list();
    }

    private static double abandoned(String kind) {
        return ROOM.get(MeterRegistry.class)
                .counter("bactrian.work.abandoned", "kind", kind)
                .count();
    }
}
