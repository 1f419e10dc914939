package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The service dies in the middle of its work, as processes do, and is started again.
 *
 * <p>The number of kills is {@code bactrian.test.kills}, by default 2, and the number of pages
 * {@code bactrian.test.pages}, by default 1,000.
 */
class CrashTest {
    private static final int KILLS = Integer.getInteger("bactrian.test.kills", 2);
    private static final int PAGES = Integer.getInteger("bactrian.test.pages", 1_000);
    private static final int UNITS_FOR_A_PAGE = 5;

    /** Includes the wait for messages that were committed and not sent: the sweeper gives them some seconds. */
    private static final Duration TASK_LIMIT = Duration.ofSeconds(60);

    @Test
    void aTaskSurvivesKillsWithOneRowForEachPageAndTheRightPrice() {
        try (Site site = Site.open(Duration.ofMillis(30));
                ServiceProcess service = new ServiceProcess("kills");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            List<String> urls = site.urls("/page/", PAGES);
            String id = client.post("/tasks", key, ServiceClient.bulkTask(urls, 16), 201)
                    .path("id")
                    .asText();

            long stored = 0;
            for (int kill = 1; kill <= KILLS; kill++) {
                int percent = 100 * kill / (KILLS + 1);
                await("%d %% of the pages were asked for".formatted(percent))
                        .atMost(TASK_LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> site.pagesAskedFor("/page/") * 100 >= (long) percent * PAGES);
                service.kill();
                assertThat(Books.count(service.database(), "task_row"))
                        .as("rows after the kill at %d %%", percent)
                        .isGreaterThanOrEqualTo(stored)
                        .isLessThan(PAGES);
                stored = Books.count(service.database(), "task_row");
                service.start();
            }
            JsonNode task = client.awaitEnd(id, key, TASK_LIMIT);

            assertThat(task.path("status").asText()).isEqualTo("completed");
            assertThat(task.path("progress").asInt()).isEqualTo(100);
            assertThat(task.path("compute_units_consumed").asInt()).isEqualTo(UNITS_FOR_A_PAGE * PAGES);
            assertThat(client.downloadedUrls(id, key)).isEqualTo(urls);
            assertThat(client.get("/auth/me", key).path("compute_units_used").asInt())
                    .isEqualTo(UNITS_FOR_A_PAGE * PAGES);
            assertThat(stored).as("rows that outlived the last kill").isPositive();
            Books.areClosed(service);
            service.terminate();
        }
    }

    @Test
    void whatWasAnsweredBeforeAKillIsDoneAfterIt() {
        try (Site site = Site.open(Duration.ofMillis(200));
                ServiceProcess service = new ServiceProcess("promises");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            List<String> urls = site.urls("/wanted/", 40);
            ObjectNode wanted = ServiceClient.bulkTask(urls, 4);

            String id = client.createTask(key, wanted, "order-1").path("id").asText();
            service.kill();
            service.start();
            assertThat(client.createTask(key, wanted, "order-1").path("id").asText())
                    .as("the task of the repeated request")
                    .isEqualTo(id);
            assertThat(client.awaitEnd(id, key, TASK_LIMIT).path("status").asText())
                    .isEqualTo("completed");
            assertThat(client.downloadedUrls(id, key)).isEqualTo(urls);
            assertThat(Books.count(service.database(), "task")).isOne();

            String cancelled = client.post("/tasks", key, ServiceClient.bulkTask(site.urls("/unwanted/", 400), 8), 201)
                    .path("id")
                    .asText();
            await().atMost(TASK_LIMIT).until(() -> site.requestsFor("/unwanted/") > 100);
            client.delete("/tasks/" + cancelled, key);
            service.kill();
            int requests = site.requestsFor("/unwanted/");
            service.start();
            Books.areClosed(service);
            JsonNode task = client.get("/tasks/" + cancelled, key);
            assertThat(task.path("status").asText()).isEqualTo("cancelled");
            int had = client.pagesHad(cancelled, key);
            assertThat(had).isBetween(1, 399);
            assertThat(task.path("compute_units_consumed").asInt()).isEqualTo(UNITS_FOR_A_PAGE * had);
            assertThat(client.get("/auth/me", key).path("compute_units_used").asInt())
                    .isEqualTo(UNITS_FOR_A_PAGE * (urls.size() + had));
            assertThat(site.requestsFor("/unwanted/"))
                    .as("requests of the cancelled task after the restart")
                    .isEqualTo(requests);
            service.terminate();
        }
    }
}
