package io.bactrian.flow;

import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class ParallelRequestsTest {
    private final Account account;
    private final Visitors visitors = new Visitors();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    ParallelRequestsTest(Service service) {
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void aTaskNeverHasMoreRequestsAtOnceThanItMay() {
        site.on("/page", visitors.page(Duration.ofMillis(30)));

        List<JsonNode> rows = account.rowsOf(
                TaskRequest.bulk(Visitors.urls(site.url("/page"), 60)).config("parallel_requests", "3"));

        assertThat(visitors.most()).isEqualTo(3);
        assertThat(visitors.all()).isEqualTo(60);
        for (int n = 0; n < 60; n++) {
            assertThat(rows.get(n).path("data").path("title").asText()).isEqualTo("/page?n=" + n);
        }
    }

    @Test
    void theRequestsOfASimpleTaskAreLimitedToo() {
        site.on("/page", visitors.page(Duration.ofMillis(20)));

        account.rowsOf(TaskRequest.simple(Visitors.urls(site.url("/page"), 20).toArray(String[]::new)));

        assertThat(visitors.most()).isLessThanOrEqualTo(3);
    }

    @Test
    void progressMovesDuringTheRunAndNeverFalls() {
        site.on("/page", visitors.page(Duration.ofMillis(40)));
        String id = account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), 80))
                .config("batch_size", "5")
                .config("parallel_requests", "4"));

        List<Integer> seen = new ArrayList<>();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    JsonNode task = account.listed(id);
                    seen.add(task.path("progress").asInt());
                    return task.path("status").asText().equals("completed");
                });

        assertThat(seen).isSorted();
        assertThat(seen).contains(100);
        assertThat(seen.stream().distinct()).hasSizeGreaterThan(3);
    }

    @Test
    void aCancelledTaskSendsNoMoreRequestsAndKeepsWhatItHas() {
        site.on("/page", visitors.page(Duration.ofMillis(40)));
        String id = account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), 200))
                .config("batch_size", "5")
                .config("parallel_requests", "2"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> account.listed(id).path("progress").asInt() >= 10);

        Reply cancelled = account.delete("/tasks/" + id).expect(200);
        int requests = visitors.all();

        assertThat(cancelled.json()).isEqualTo(TaskRequest.parse("{\"message\": \"Task cancelled successfully\"}"));
        JsonNode task = account.task(id);
        assertThat(task.path("status").asText()).isEqualTo("cancelled");
        // Each lane may have been on its way to one more page.
        await().during(Duration.ofMillis(800))
                .atMost(Duration.ofSeconds(20))
                .until(() -> visitors.all() <= requests + 2);
        await().atMost(Duration.ofSeconds(20)).until(() -> account.unitsUsed() > 0);
        int had = account.task(id).path("compute_units_consumed").asInt() / PAGE_UNITS;
        assertThat(had).isEqualTo(visitors.all());

        List<JsonNode> rows = account.rows(id);
        assertThat(rows).extracting(row -> row.path("url").asText()).isEqualTo(Visitors.urls(site.url("/page"), 200));
        assertThat(rows).filteredOn(row -> row.path("error").isNull()).hasSize(had);
        assertThat(rows)
                .filteredOn(row -> !row.path("error").isNull())
                .hasSize(200 - had)
                .allMatch(row -> row.path("error").path("code").asText().equals("cancelled"));
        assertThat(account.unitsUsed()).isEqualTo(had * PAGE_UNITS);
        assertThat(account.task(id).path("progress").asInt()).isEqualTo(had / 2);
    }

    @Test
    void aCancelledTaskKeepsAndPaysForThePagesThatWereUnderWay() {
        site.on("/page", visitors.page(Duration.ofMillis(1_500)));
        String id = account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), 50))
                .config("batch_size", "5")
                .config("parallel_requests", "5"));
        await().atMost(Duration.ofSeconds(30)).until(() -> visitors.all() == 5);

        account.delete("/tasks/" + id).expect(200);

        assertThat(account.listed(id).path("status").asText()).isEqualTo("cancelled");
        assertThat(account.unitsUsed()).as("before its pages are there").isZero();
        await().atMost(Duration.ofSeconds(30)).until(() -> account.unitsUsed() > 0);
        assertThat(visitors.all()).as("no request was sent afterwards").isEqualTo(5);
        assertThat(account.rows(id))
                .filteredOn(row -> row.path("error").isNull())
                .hasSize(5);
        assertThat(account.task(id).path("compute_units_consumed").asInt()).isEqualTo(5 * PAGE_UNITS);
        assertThat(account.unitsUsed()).isEqualTo(5 * PAGE_UNITS);
        assertThat(account.task(id).path("progress").asInt()).isEqualTo(10);
    }

    @Test
    void aSecondDeletionRemovesTheTaskAndAThirdFindsNothing() {
        site.on("/page", visitors.page(Duration.ofMillis(100)));
        String id = account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), 50)));

        assertThat(account.delete("/tasks/" + id)
                        .expect(200)
                        .json()
                        .path("message")
                        .asText())
                .isEqualTo("Task cancelled successfully");
        assertThat(account.delete("/tasks/" + id)
                        .expect(200)
                        .json()
                        .path("message")
                        .asText())
                .isEqualTo("Task deleted successfully");
        account.delete("/tasks/" + id).assertSelextractError(404, "resource_not_found");
        account.get("/tasks/" + id).assertSelextractError(404, "resource_not_found");
        account.get("/tasks/" + id + "/download").assertSelextractError(404, "resource_not_found");
    }
}
