package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.SettableClock;
import io.bactrian.credit.Balance;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.recovery.FailedWork;
import io.bactrian.recovery.Recovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reading of sitemaps under repetition, contention and loss, with this test in the place of the broker. */
class SitemapIntakeTest {
    private static final TaskRoom ROOM = new TaskRoom();

    private final SettableClock clock = ROOM.clock();
    private final SitemapIntake intake = ROOM.get(SitemapIntake.class);
    private final Admission admission = ROOM.get(Admission.class);
    private final Tasks tasks = ROOM.get(Tasks.class);
    private final ObjectMapper json = ROOM.get(ObjectMapper.class);
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private UUID account = UUID.randomUUID();

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @BeforeEach
    void openAnAccount() {
        account = ROOM.accountWith(10_000);
        ROOM.forgetMessages();
        site.on("/sitemap.txt", pages(5));
    }

    @Test
    void aRequestDeliveredTwiceOpensTheLanesOnce() throws JsonProcessingException {
        UUID task = admitted(10);
        String request = ROOM.messages("TASKS_SITEMAP").getFirst();

        intake.read(request);
        intake.read(request);

        assertThat(ROOM.messages("LANES_HTML")).hasSize(2);
        assertThat(tasks.find(account, task).urls()).hasSize(5);
        assertThat(tasks.find(account, task).pagesTotal()).isEqualTo(5);
        assertThat(site.requestsFor("/sitemap.txt")).hasSize(1);
    }

    @Test
    void requestsCarriedOutAtOnceOpenTheLanesOnce() throws Exception {
        UUID task = admitted(10);
        String request = ROOM.messages("TASKS_SITEMAP").getFirst();
        CyclicBarrier answering = new CyclicBarrier(3);
        site.on("/sitemap.txt", (asked, socket, out) -> {
            try {
                answering.await();
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
            return pages(5).answer(asked, socket, out);
        });

        atOnce(3, () -> {
            intake.read(request);
            return request;
        });

        assertThat(ROOM.messages("LANES_HTML")).hasSize(2);
        assertThat(tasks.find(account, task).urls()).hasSize(5);
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aStopOfTheProcessWhileTheSitemapIsReadIsNoFailureOfTheTask() throws JsonProcessingException {
        UUID task = admitted(10);
        String request = ROOM.messages("TASKS_SITEMAP").getFirst();
        Shutdown shutdown = ROOM.get(Shutdown.class);
        site.on("/sitemap.txt", (asked, socket, out) -> {
            shutdown.stop();
            return pages(5).answer(asked, socket, out);
        });

        Throwable failure = catchThrowable(() -> intake.read(request));
        shutdown.start();
        ROOM.get(FailedWork.class).note("bactrian.tasks.sitemap", request, failure);

        assertThat(failure).hasMessageContaining("The process stops");
        assertThat(ROOM.get(Recovery.class).lastFailure("task:" + task)).isEmpty();
        assertThat(ROOM.messages("LANES_HTML")).isEmpty();
    }

    @Test
    void aCancellationWhileTheSitemapIsReadWins() throws JsonProcessingException {
        UUID task = admitted(10);
        site.on("/sitemap.txt", (asked, socket, out) -> {
            tasks.cancelOrDelete(account, task);
            return pages(5).answer(asked, socket, out);
        });

        intake.read(ROOM.messages("TASKS_SITEMAP").getFirst());

        Task cancelled = tasks.find(account, task);
        assertThat(cancelled.status()).isEqualTo(TaskStatus.CANCELLED);
        assertThat(cancelled.urls()).isEmpty();
        assertThat(ROOM.messages("LANES_HTML")).isEmpty();
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(10_000, 10_000, 0, 0));
    }

    @Test
    void aSitemapThatFailsForAWhileIsAskedForLaterAndThenGivenUp() throws JsonProcessingException {
        site.on("/sitemap.txt", Behaviours.status(503, "Retry-After: 30"));
        UUID task = admitted(10);

        intake.read(json.writeValueAsString(new SitemapIntake.Request(task, 1)));

        String again = json.writeValueAsString(new SitemapIntake.Request(task, 2));
        assertThat(ROOM.deliveryTime(again)).isEqualTo(clock.instant().plusSeconds(30));
        assertThat(tasks.find(account, task).status()).isEqualTo(TaskStatus.RUNNING);
        intake.read(json.writeValueAsString(new SitemapIntake.Request(task, 4)));
        Task failed = tasks.find(account, task);
        assertThat(failed.status()).isEqualTo(TaskStatus.FAILED);
        assertThat(failed.errorMessage()).contains("/sitemap.txt could not be had: HTTP 503");
        assertThat(ROOM.messages("TASKS_EVENTS")).hasSize(1);
        assertThat(ROOM.balance(account)).isEqualTo(new Balance(10_000, 10_000, 0, 0));
        assertThat(ROOM.ledgerDifferences()).isEmpty();
    }

    @Test
    void aLostRequestIsMadeAgainAfterAQuarterOfAnHour() throws JsonProcessingException {
        UUID task = admitted(10);
        String request = json.writeValueAsString(new SitemapIntake.Request(task, 1));
        ROOM.forgetMessages();

        clock.advance(Duration.ofMinutes(14));
        admission.reissueLostTokens();
        assertThat(ROOM.messages("TASKS_SITEMAP")).doesNotContain(request);
        clock.advance(Duration.ofMinutes(2));
        admission.reissueLostTokens();

        assertThat(ROOM.messages("TASKS_SITEMAP")).containsOnlyOnce(request);
        intake.read(request);
        // Lanes that other tests left unfinished may be given new tokens too.
        assertThat(ROOM.messages("LANES_HTML"))
                .filteredOn(token -> token.contains(task.toString()))
                .hasSize(2);
    }

    private UUID admitted(int limit) throws JsonProcessingException {
        ObjectNode config = json.createObjectNode()
                .put("sitemap_url", site.url("/sitemap.txt"))
                .put("sitemap_limit", limit)
                .put("respect_robots_txt", false)
                .put("parallel_requests", 2);
        config.putObject("selectors").put("title", "h1");
        Task task = tasks.submit(new TaskSubmission(
                account, "free", false, "Pages", null, TaskType.BULK_SCRAPING, 5, config, null, false));
        assertThat(task.unitsEstimated()).isEqualTo(5L * limit);
        admission.admit(json.writeValueAsString(new AdmissionRequest(account)));
        return task.id();
    }

    private MisbehavingOrigin.Behaviour pages(int count) {
        StringBuilder text = new StringBuilder();
        for (int page = 0; page < count; page++) {
            text.append(site.url("/" + page)).append('\n');
        }
        return Behaviours.body("text/plain", Behaviours.utf8(text.toString()));
    }

    private static void atOnce(int times, Callable<Object> work) throws Exception {
        List<Future<Object>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(times)) {
            for (int count = 0; count < times; count++) {
                results.add(threads.submit(work));
            }
            for (Future<Object> result : results) {
                assertThat(result.get()).isNotNull();
            }
        }
    }
}
