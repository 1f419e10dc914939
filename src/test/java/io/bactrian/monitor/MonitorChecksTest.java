package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.TestLock;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.InsufficientCreditsException;
import io.bactrian.credit.Ledger;
import io.bactrian.recovery.FailedWork;
import io.bactrian.task.Admission;
import io.bactrian.task.MonitorLimitException;
import io.bactrian.task.Task;
import io.bactrian.task.TaskStateException;
import io.bactrian.task.TaskStatus;
import io.bactrian.task.TaskType;
import io.bactrian.task.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The checks of monitoring tasks, and what is made of them, with this test in the place of the broker. */
class MonitorChecksTest {
    private static final MonitorRoom ROOM = new MonitorRoom();
    private static final String URL = "https://shop.example/anvil";
    private static final String OTHER = "https://shop.example/hammer";
    private static final int PAGE_UNITS = 5;

    private UUID account = UUID.randomUUID();

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @BeforeEach
    void openAnAccount() {
        ROOM.tasks().database().sql("UPDATE monitor SET next_check_at = NULL").update();
        ROOM.tasks().forgetMessages();
        ROOM.pages.clear();
        account = ROOM.tasks().accountWith(1_000);
    }

    @AfterEach
    void theLedgerIsRight() {
        assertThat(ROOM.tasks().ledgerDifferences()).isEmpty();
    }

    @Test
    void theFirstCheckSetsTheBaselineAndTellsNobody() {
        price(URL, "$100.00");

        Task task = created("{\"notification_email\": \"ada@example.com\"}");

        assertThat(task.status()).isEqualTo(TaskStatus.RUNNING);
        assertThat(task.progress()).isEqualTo(100);
        assertThat(task.unitsConsumed()).isEqualTo(PAGE_UNITS);
        assertThat(ROOM.status(task).checks()).isEqualTo(1);
        assertThat(ROOM.status(task).nextCheckAt())
                .isEqualTo(task.createdAt().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS));
        assertThat(ROOM.rows(task)).hasSize(1);
        assertThat(ROOM.changes(task)).isEmpty();
        assertThat(ROOM.events("monitor.changed")).isEmpty();
        assertThat(ROOM.mails()).isEmpty();
        assertThat(balance().reserved()).isZero();
    }

    @Test
    void aDriftIsToldWhenItCrossesTheThresholdFromTheLastNotifiedValueAndNotBefore() {
        price(URL, "$100.00");
        Task task = created("{\"change_threshold\": 0.05, \"webhook_url\": \"https://hooks.example/\"}");
        for (int percent = 1; percent < 5; percent++) {
            price(URL, "$10%d.00".formatted(percent));
            ROOM.hour();
            assertThat(ROOM.events("monitor.changed"))
                    .as("after %d %%", percent)
                    .isEmpty();
        }

        price(URL, "$105.00");
        ROOM.hour();

        JsonNode data = ROOM.events("monitor.changed").getFirst();
        assertThat(data.path("taskId").asText()).isEqualTo(task.id().toString());
        assertThat(data.path("userId").asText()).isEqualTo(account.toString());
        assertThat(data.path("url").asText()).isEqualTo(URL);
        assertThat(data.path("changes"))
                .isEqualTo(
                        MonitorRoom.json(
                                "[{\"selector\": \"price\", \"old\": \"$100.00\", \"new\": \"$105.00\", \"difference\": 0.05}]"));
        assertThat(data.fieldNames()).toIterable().containsExactly("taskId", "userId", "url", "changes", "checkedAt");
        assertThat(ROOM.tasks().messages("WEBHOOKS_EVENTS").getFirst()).contains("https://hooks.example/");

        price(URL, "$109.00");
        ROOM.hour();
        assertThat(ROOM.events("monitor.changed")).isEmpty();
        assertThat(ROOM.changes(task))
                .extracting(MonitorHistory.Change::notified)
                .containsExactly(false, true, false, false, false, false);
        price(URL, "$110.25");
        ROOM.hour();
        assertThat(ROOM.events("monitor.changed")).hasSize(1);
    }

    @Test
    void aSmallChangeThatStaysIsInTheHistoryOnce() {
        price(URL, "100");
        Task task = created("{\"change_threshold\": 0.05}");
        price(URL, "102");
        ROOM.hour();
        ROOM.hour();
        price(URL, "100");
        ROOM.hour();
        price(URL, "102");
        ROOM.hour();

        assertThat(ROOM.changes(task)).hasSize(2).noneMatch(MonitorHistory.Change::notified);
    }

    @Test
    void oneLetterTellsOfAllPages() {
        price(URL, "$100");
        price(OTHER, "$50");
        Task task = ROOM.create(account, List.of(URL, OTHER), "{\"notification_email\": \"ada@example.com\"}");
        ROOM.deliver();
        price(URL, "$110");
        price(OTHER, "Sold out");
        ROOM.hour();

        assertThat(ROOM.events("monitor.changed")).hasSize(2);
        List<JsonNode> mails = ROOM.mails();
        assertThat(mails).hasSize(1);
        assertThat(mails.getFirst().path("to").asText()).isEqualTo("ada@example.com");
        assertThat(mails.getFirst().path("subject").asText()).isEqualTo("2 values changed: \u201cWatch\u201d");
        assertThat(mails.getFirst().at("/table/columns").toString())
                .isEqualTo("[\"Page\",\"Selector\",\"Old\",\"New\",\"Difference\"]");
        assertThat(mails.getFirst().at("/table/rows/0").toString())
                .isEqualTo("[\"%s\",\"price\",\"$100\",\"$110\",\"+10 %%\"]".formatted(URL));
        assertThat(mails.getFirst().at("/table/rows/1").toString())
                .isEqualTo("[\"%s\",\"price\",\"$50\",\"Sold out\",\"\"]".formatted(OTHER));
        assertThat(ROOM.changes(task)).hasSize(2);
    }

    @Test
    void errorsAreNoChangesAndAreToldOnceAfterSoManyInARow() {
        price(URL, "$100");
        Task task = created("{\"error_threshold\": 2, \"notification_email\": \"ada@example.com\"}");
        ROOM.pages.remove(URL);
        ROOM.hour();
        assertThat(ROOM.tasks().messages("MAILS_SEND")).isEmpty();
        assertThat(ROOM.status(task).failedChecks()).isEqualTo(1);
        ROOM.pages.put(URL, "{\"price\": null}");
        ROOM.hour();

        JsonNode data = ROOM.events("monitor.failed").getFirst();
        assertThat(data.path("errors").toString())
                .isEqualTo(
                        "[{\"selector\":\"price\",\"code\":\"missing\",\"message\":\"The selector found nothing on the page.\"}]");
        assertThat(data.path("failedChecks").asInt()).isEqualTo(2);
        assertThat(data.fieldNames())
                .toIterable()
                .containsExactly("taskId", "userId", "url", "errors", "failedChecks", "checkedAt");
        assertThat(ROOM.mails()).hasSize(1);
        ROOM.hour();
        assertThat(ROOM.events("monitor.failed")).isEmpty();
        price(URL, "$100.00");
        ROOM.hour();
        assertThat(ROOM.status(task).failedChecks()).isZero();
        ROOM.pages.remove(URL);
        ROOM.hour();
        assertThat(ROOM.events("monitor.failed")).isEmpty();
        ROOM.hour();

        assertThat(ROOM.events("monitor.failed"))
                .singleElement()
                .satisfies(
                        again -> assertThat(again.at("/errors/0/code").asText()).isEqualTo("http_4xx"));
        assertThat(ROOM.changes(task)).isEmpty();
        assertThat(ROOM.rows(task))
                .extracting(MonitorHistory.Row::errorCode)
                .containsExactly(null, "http_4xx", null, null, null, "http_4xx", "http_4xx");
        assertThat(ROOM.task(task).unitsConsumed()).isEqualTo(4 * PAGE_UNITS);
    }

    @Test
    void aValueThatComesLateIsABaseline() {
        Task task = created("{}");
        price(URL, "$100");
        ROOM.hour();
        assertThat(ROOM.changes(task)).isEmpty();
        price(URL, "$101");
        ROOM.hour();

        assertThat(ROOM.changes(task)).hasSize(1);
    }

    @Test
    void withoutUnitsACheckHasFailedAndTheNextOneComesAtItsTime() {
        account = ROOM.tasks().accountWith(PAGE_UNITS);
        price(URL, "$100");
        Task task = created("{\"notification_email\": \"ada@example.com\"}");
        ROOM.hour();

        JsonNode data = ROOM.events("monitor.failed").getFirst();
        assertThat(data.at("/errors/0/code").asText()).isEqualTo("insufficient_credits");
        assertThat(data.path("url").isNull()).isTrue();
        assertThat(ROOM.mails()).hasSize(1);
        assertThat(ROOM.status(task).checks()).isEqualTo(2);
        ROOM.hour();
        assertThat(ROOM.events("monitor.failed")).isEmpty();
        assertThat(ROOM.rows(task))
                .extracting(MonitorHistory.Row::errorCode)
                .containsExactly(null, "insufficient_credits", "insufficient_credits");
        ROOM.tasks()
                .transactions()
                .executeWithoutResult(transaction -> ROOM.tasks()
                        .get(Ledger.class)
                        .grant(account, Currency.COMPUTE_UNITS, PAGE_UNITS, "gift", "Gift"));
        ROOM.hour();

        assertThat(ROOM.status(task).failedChecks()).isZero();
        assertThat(ROOM.rows(task)).hasSize(4).last().matches(row -> row.errorCode() == null);
    }

    @Test
    void aTaskThatCannotBePaidForIsRefused() {
        account = ROOM.tasks().accountWith(PAGE_UNITS - 1);

        assertThatExceptionOfType(InsufficientCreditsException.class)
                .isThrownBy(() -> ROOM.create(account, List.of(URL), "{}"));
    }

    @Test
    void betweenChecksNoPlaceIsTakenAndChecksWaitForOne() {
        price(URL, "$100");
        Task watch = created("{}");
        Task other = ROOM.submit(account, TaskType.SIMPLE_SCRAPING, List.of(OTHER), "{}");
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        assertThat(ROOM.task(other).status()).isEqualTo(TaskStatus.RUNNING);
        String tokenOfOther = ROOM.tasks().take("LANES_HTML").getFirst();
        ROOM.hour();
        assertThat(ROOM.status(watch).checks()).as("waits for the only place").isEqualTo(1);
        assertThat(balance().reserved()).isEqualTo(2 * PAGE_UNITS);

        ROOM.tasks().runLane(tokenOfOther, ROOM::fetch);
        ROOM.tasks().get(Tasks.class).cancelOrDelete(account, other.id());
        ROOM.deliver();

        assertThat(ROOM.status(watch).checks()).isEqualTo(2);
    }

    @Test
    void aCheckThatIsDueDuringAnotherIsMadeOnceAfterwards() {
        price(URL, "$100");
        Task task = ROOM.create(account, List.of(URL), "{}");
        ROOM.tasks().clock().advance(Duration.ofHours(5));
        ROOM.fire();
        assertThat(ROOM.tasks().messages("MONITORS_CHECK")).isEmpty();
        ROOM.deliver();
        assertThat(ROOM.status(task).checks()).isEqualTo(1);
        ROOM.fire();
        ROOM.deliver();
        ROOM.fire();
        ROOM.deliver();

        assertThat(ROOM.status(task).checks()).isEqualTo(2);
        assertThat(ROOM.status(task).nextCheckAt())
                .isEqualTo(task.createdAt().plus(6, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS));
    }

    @Test
    void eachCheckFiresOnceWhoeverLooks() throws Exception {
        price(URL, "$100");
        account = ROOM.tasks().accountWith(10_000);
        List<Task> tasks = IntStream.range(0, 110).mapToObj(n -> created("{}")).toList();
        ROOM.tasks().clock().advance(Duration.ofHours(1));

        List<Callable<Object>> nodes = IntStream.range(0, 8)
                .<Callable<Object>>mapToObj(n -> Executors.callable(ROOM::fire))
                .toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Object> node : threads.invokeAll(nodes)) {
                node.get();
            }
        }

        assertThat(ROOM.tasks().messages("MONITORS_CHECK")).hasSize(110);
        ROOM.deliver();
        assertThat(tasks).allMatch(task -> ROOM.status(task).checks() == 2);
    }

    @Test
    void messagesThatComeAgainChangeNothing() {
        price(URL, "$100");
        Task task = ROOM.create(account, List.of(URL), "{}");
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        String firstToken = ROOM.tasks().messages("LANES_HTML").getFirst();
        ROOM.tasks().runLanes(ROOM::fetch);
        String firstEnd = ROOM.tasks().take("MONITORS_CHECKED").getFirst();
        ROOM.end(firstEnd);
        ROOM.end(firstEnd);
        assertThat(ROOM.status(task).checks()).isEqualTo(1);
        price(URL, "$200");
        ROOM.tasks().clock().advance(Duration.ofHours(1));
        ROOM.fire();
        String due = ROOM.tasks().take("MONITORS_CHECK").getFirst();
        ROOM.begin(due);
        ROOM.begin(due);
        ROOM.end(firstEnd);
        ROOM.deliver();
        ROOM.tasks().runLane(firstToken, page -> {
            throw new AssertionError("The first check is over, and its token asks for " + page.url());
        });
        ROOM.begin(due);
        ROOM.end(firstEnd);
        ROOM.deliver();

        assertThat(ROOM.status(task).checks()).isEqualTo(2);
        assertThat(ROOM.events("monitor.changed")).hasSize(1);
        assertThat(ROOM.rows(task)).hasSize(2);
        assertThat(balance().used()).isEqualTo(2 * PAGE_UNITS);
    }

    @Test
    void lostMessagesAreSentAgain() {
        price(URL, "$100");
        Task task = created("{}");
        ROOM.tasks().clock().advance(Duration.ofHours(1));
        ROOM.fire();
        ROOM.tasks().forgetMessages();
        recoverAfterAWhile();
        assertThat(ROOM.tasks().messages("MONITORS_CHECK")).hasSize(1);
        ROOM.tasks().take("MONITORS_CHECK").forEach(ROOM::begin);
        ROOM.tasks().forgetMessages();
        recoverAfterAWhile();
        assertThat(ROOM.tasks().messages("TASKS_ADMIT")).hasSize(1);
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        ROOM.tasks().forgetMessages();
        recoverAfterAWhile();
        assertThat(ROOM.tasks().messages("LANES_HTML")).hasSize(1);
        ROOM.tasks().runLanes(ROOM::fetch);
        ROOM.tasks().forgetMessages();
        recoverAfterAWhile();
        assertThat(ROOM.tasks().messages("TASKS_END")).isEmpty();
        assertThat(ROOM.tasks().messages("TASKS_SITEMAP")).isEmpty();
        assertThat(ROOM.tasks().messages("MONITORS_CHECKED")).hasSize(1);
        ROOM.deliver();

        assertThat(ROOM.status(task).checks()).isEqualTo(2);
    }

    @Test
    void aCheckWhoseEndAlwaysFailsIsAbandonedAndTheNextOneGoesOn() {
        price(URL, "$100");
        Task task = created("{}");
        price(URL, "$200");
        ROOM.tasks().clock().advance(Duration.ofHours(1));
        ROOM.fire();
        ROOM.tasks()
                .database()
                .sql("UPDATE monitor_value SET notified = '{' WHERE task_id = ?")
                .param(task.id())
                .update();
        ROOM.tasks().take("MONITORS_CHECK").forEach(ROOM::begin);
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        ROOM.tasks().runLanes(ROOM::fetch);
        String poison = ROOM.tasks().take("MONITORS_CHECKED").getFirst();
        assertThatThrownBy(() -> ROOM.end(poison)).isInstanceOf(IllegalStateException.class);

        failAlways(poison);

        assertThat(ROOM.status(task).checks()).isEqualTo(2);
        assertThat(ROOM.status(task).failedChecks()).isOne();
        assertThat(balance().used()).isEqualTo(2 * PAGE_UNITS);
        assertThat(balance().reserved()).isZero();
        ROOM.tasks()
                .database()
                .sql("UPDATE monitor_value SET notified = '\"$100\"' WHERE task_id = ?")
                .param(task.id())
                .update();
        ROOM.tasks().forgetMessages();
        ROOM.hour();
        assertThat(ROOM.status(task).checks()).isEqualTo(3);
        assertThat(ROOM.status(task).failedChecks()).isZero();
    }

    @Test
    void aCheckThatAlwaysFailsToBeginCountsAsFailed() {
        price(URL, "$100");
        Task task = created("{}");
        ROOM.tasks().clock().advance(Duration.ofHours(1));
        ROOM.fire();
        String poison = ROOM.tasks().take("MONITORS_CHECK").getFirst();

        failAlways(poison);

        assertThat(ROOM.status(task).checks()).isEqualTo(2);
        assertThat(ROOM.status(task).failedChecks()).isOne();
        assertThat(balance().reserved()).isZero();
    }

    @Test
    void aMonitorWhoseConfigIsUnreadableFailsAloneAndTheOthersAreChecked() {
        price(URL, "$100");
        Task broken = created("{}");
        Task good = created("{}");
        ROOM.tasks()
                .database()
                .sql("UPDATE task SET config = '{' WHERE id = ?")
                .param(broken.id())
                .update();

        ROOM.hour();

        assertThat(ROOM.task(broken).status()).isEqualTo(TaskStatus.FAILED);
        assertThat(ROOM.status(good).checks()).isEqualTo(2);
        assertThat(balance().reserved()).isZero();
    }

    private static void failAlways(String message) {
        for (int i = 0; i < 20; i++) {
            ROOM.tasks()
                    .get(FailedWork.class)
                    .note("bactrian.some.queue", message, new IllegalStateException("It fails."));
            recoverAfterAWhile();
        }
    }

    private static void recoverAfterAWhile() {
        ROOM.tasks().clock().advance(Duration.ofMinutes(16));
        ROOM.tasks().get(Admission.class).reissueLostTokens();
        ROOM.tasks().get(Admission.class).readmit();
        ROOM.tasks().get(DueMonitors.class).reissueLost();
    }

    @Test
    void aPausedTaskRestsAndIsResumedAtTheNextTime() {
        price(URL, "$100");
        Task task = created("{}");
        monitors().pause(account, task.id());
        monitors().pause(account, task.id());
        assertThat(ROOM.status(task).paused()).isTrue();
        assertThat(ROOM.status(task).nextCheckAt()).isNull();
        ROOM.hour();
        ROOM.hour();
        assertThat(ROOM.status(task).checks()).isEqualTo(1);

        ROOM.tasks().clock().advance(Duration.ofMinutes(10));
        monitors().resume(account, task.id(), 10);

        Instant next = task.createdAt().plus(3, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
        assertThat(ROOM.status(task).nextCheckAt()).isEqualTo(next);
        monitors().resume(account, task.id(), 10);
        assertThat(ROOM.status(task).nextCheckAt()).isEqualTo(next);
        ROOM.hour();
        assertThat(ROOM.status(task).checks()).isEqualTo(2);
    }

    @Test
    void tasksBeyondTheLimitGoOnButNoneIsResumed() {
        price(URL, "$100");
        Task paused = created("{}");
        Task active = created("{}");
        monitors().pause(account, paused.id());

        assertThatExceptionOfType(MonitorLimitException.class)
                .isThrownBy(() -> monitors().resume(account, paused.id(), 1));
        monitors().resume(account, active.id(), 0);
        ROOM.hour();

        assertThat(ROOM.status(active).checks()).isEqualTo(2);
        assertThat(ROOM.status(paused).checks()).isEqualTo(1);
    }

    @Test
    void onlyOpenMonitoringTasksAreResumed() {
        price(URL, "$100");
        Task task = created("{}");
        Task other = ROOM.submit(account, TaskType.SIMPLE_SCRAPING, List.of(OTHER), "{}");
        ROOM.tasks().get(Tasks.class).cancelOrDelete(account, task.id());

        assertThatExceptionOfType(TaskStateException.class)
                .isThrownBy(() -> monitors().resume(account, task.id(), 10));
        assertThatExceptionOfType(TaskStateException.class)
                .isThrownBy(() -> monitors().pause(account, other.id()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> monitors().pause(UUID.randomUUID(), task.id()));
        ROOM.tasks().get(Tasks.class).cancelOrDelete(account, other.id());
    }

    @Test
    void aTaskThatIsCancelledDuringACheckKeepsAndPaysForThePagesUnderWay() {
        price(URL, "$100");
        price(OTHER, "$100");
        Task task = ROOM.create(account, List.of(URL, OTHER), "{\"parallel_requests\": 2}");
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        List<String> tokens = ROOM.tasks().take("LANES_HTML");

        ROOM.tasks().runLane(tokens.getFirst(), page -> {
            ROOM.tasks().get(Tasks.class).cancelOrDelete(account, task.id());
            return ROOM.fetch(page);
        });
        assertThat(ROOM.task(task).status()).isEqualTo(TaskStatus.CANCELLED);
        ROOM.tasks().runLane(tokens.getLast(), ROOM::fetch);
        ROOM.deliver();
        ROOM.hour();

        assertThat(ROOM.task(task).status()).isEqualTo(TaskStatus.CANCELLED);
        assertThat(ROOM.rows(task))
                .extracting(MonitorHistory.Row::errorCode)
                .containsExactlyInAnyOrder(null, "cancelled");
        assertThat(balance().used()).isEqualTo(PAGE_UNITS);
        assertThat(balance().reserved()).isZero();
        assertThat(ROOM.status(task).nextCheckAt()).isNull();
    }

    @Test
    void comparesThePagesOfACheckBeforeItTakesTheBalance() throws Exception {
        price(URL, "$100");
        Task task = ROOM.create(account, List.of(URL), "{}");
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        ROOM.tasks().runLanes(ROOM::fetch);
        String checked = ROOM.tasks().take("MONITORS_CHECKED").getFirst();

        whileItWaitsForTheMonitor(task, () -> ROOM.end(checked));

        assertThat(ROOM.rows(task)).hasSize(1);
        assertThat(balance().used()).isEqualTo(PAGE_UNITS);
        assertThat(balance().reserved()).isZero();
    }

    @Test
    void keepsTheRowsOfACancelledCheckBeforeItTakesTheBalance() throws Exception {
        price(URL, "$100");
        Task task = ROOM.create(account, List.of(URL), "{}");
        ROOM.tasks().take("TASKS_ADMIT").forEach(ROOM::admit);
        // No step can be under way, so that the check ends with the cancellation.
        ROOM.tasks()
                .database()
                .sql("UPDATE task_lane SET due_at = due_at + interval '1 hour' WHERE task_id = ?")
                .param(task.id())
                .update();

        whileItWaitsForTheMonitor(task, () -> ROOM.tasks().get(Tasks.class).cancelOrDelete(account, task.id()));

        assertThat(ROOM.rows(task)).hasSize(1);
        assertThat(balance().reserved()).isZero();
    }

    /** Stops a transaction where it changes the monitor, and has the account reserve units meanwhile. */
    private void whileItWaitsForTheMonitor(Task task, Runnable work) throws Exception {
        DataSource dataSource = ROOM.tasks().get(DataSource.class);
        try (ExecutorService consumer = Executors.newSingleThreadExecutor()) {
            Future<?> done;
            try (TestLock held =
                    TestLock.hold(dataSource, "SELECT 1 FROM monitor WHERE task_id = ? FOR UPDATE", task.id())) {
                done = consumer.submit(work);
                held.awaitWaiting(1);
                ROOM.tasks().reserveAtOnce(account);
            }
            done.get();
        }
    }

    @Test
    void aTaskIsCancelledBetweenChecksAndThenDeletedWithItsHistory() {
        price(URL, "$100");
        Task task = created("{}");
        price(URL, "$200");
        ROOM.hour();

        assertThat(ROOM.tasks().get(Tasks.class).cancelOrDelete(account, task.id()))
                .isTrue();
        assertThat(ROOM.task(task).progress()).isEqualTo(100);
        assertThat(ROOM.task(task).unitsConsumed()).isEqualTo(2 * PAGE_UNITS);
        assertThat(ROOM.rows(task)).hasSize(2);
        assertThat(ROOM.tasks().get(Tasks.class).cancelOrDelete(account, task.id()))
                .isFalse();

        for (String table :
                List.of("monitor", "monitor_value", "monitor_failure", "monitor_row", "monitor_change", "task_check")) {
            assertThat(ROOM.tasks()
                            .database()
                            .sql("SELECT count(*) FROM " + table + " WHERE task_id = ?")
                            .param(task.id())
                            .query(Long.class)
                            .single())
                    .as(table)
                    .isZero();
        }
    }

    @Test
    void theLastChecksAreKeptForAWhile() {
        price(URL, "1");
        Task task = created("{}");
        for (int check = 2; check <= 15; check++) {
            price(URL, Integer.toString(check));
            ROOM.hour();
        }
        assertThat(ROOM.rows(task)).hasSize(10);
        assertThat(ROOM.changes(task)).hasSize(10);
        ROOM.tasks().clock().advance(Duration.ofDays(90).minusHours(2));
        ROOM.tasks().get(MonitorHistory.class).forgetOld();

        assertThat(ROOM.rows(task)).hasSize(3);
        assertThat(ROOM.changes(task)).hasSize(3);
    }

    @Test
    void aLongValueIsToldInPart() {
        ROOM.pages.put(URL, "{\"price\": \"%s\"}".formatted("a".repeat(10_000)));
        Task task = created("{}");
        ROOM.pages.put(URL, "{\"price\": \"%s\"}".formatted("a".repeat(9_999) + "b"));
        ROOM.hour();

        JsonNode change = ROOM.events("monitor.changed").getFirst().at("/changes/0");
        assertThat(change.path("old").asText()).hasSizeLessThan(MonitorChecks.MOST_SHOWN);
        assertThat(ROOM.rows(task).getLast().data()).contains("ab");
    }

    @Test
    void whatCannotBeMeantIsRefusedByItsField() {
        refused("{\"schedule\": \"fortnightly\"}", "config.schedule");
        refused("{\"schedule\": \"0 25 * * *\"}", "config.schedule");
        refused("{\"timezone\": \"Mars/Olympus\"}", "config.timezone");
        refused("{\"notification_email\": \"nobody\"}", "config.notification_email");
        refused("{\"notification_email\": \"a@b.example\\r\\nBcc: c@d.example\"}", "config.notification_email");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> ROOM.create(account, List.of(URL), "{\"schedule\": \"0 25 * * *\"}"))
                .satisfies(refused ->
                        assertThat(refused.violations().getFirst().message()).contains("'hour'"));
    }

    private void refused(String config, String field) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> ROOM.create(account, List.of(URL), config))
                .satisfies(refused -> assertThat(refused.violations())
                        .extracting(violation -> violation.field())
                        .containsExactly(field));
    }

    /** A task whose first check is over. */
    private Task created(String config) {
        Task task = ROOM.create(account, List.of(URL), config);
        ROOM.deliver();
        return ROOM.task(task);
    }

    private static void price(String url, String price) {
        ROOM.pages.put(url, "{\"price\": \"%s\"}".formatted(price));
    }

    private static Monitors monitors() {
        return ROOM.tasks().get(Monitors.class);
    }

    private Balance balance() {
        return ROOM.tasks().balance(account);
    }
}
