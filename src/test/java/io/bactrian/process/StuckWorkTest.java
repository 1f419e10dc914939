package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A step that never returns and takes no interrupt: it is told, and keeps neither a stop nor the next start from working. */
class StuckWorkTest {
    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(8);
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Test
    void aStepThatHangsIsUnhealthyEndsWithTheProcessAndIsDoneByTheNextOne() {
        try (Site site = Site.open(Duration.ZERO);
                ServiceProcess service = new ServiceProcess("stuck-work");
                ServiceClient client = new ServiceClient(service.address())) {
            Path hanging = service.routes(
                    "ref: htmlScraper\n                  method: scrape\n",
                    "beanType: java.util.concurrent.Phaser\n                  method: awaitAdvance(0)\n");
            service.with("BACTRIAN_ROUTES", "file:" + hanging + "/*.camel.yaml")
                    .with("BACTRIAN_WORK_LONGESTSTEP", "5s")
                    .with("BACTRIAN_WORK_EXITAFTER", "1h")
                    .with("BACTRIAN_SHUTDOWN_DEADLINE", DEADLINE.toSeconds() + "s");
            service.start();
            String key = client.register().key();
            String task = client.post("/tasks", key, ServiceClient.bulkTask(site.urls("/page/", 3), 1), 201)
                    .path("id")
                    .asText();

            JsonNode health = await("the node is unhealthy")
                    .atMost(LIMIT)
                    .until(client::health, now -> now.path("workers").asText().equals("unhealthy"));
            assertThat(health.path("status").asText()).isEqualTo("unhealthy");
            assertThat(service.output())
                    .contains("The route lane-html has been in one step since ")
                    .contains("at java.base/java.util.concurrent.Phaser.awaitAdvance");
            assertThat(service.metric("bactrian.work.stuck")).isPositive();

            long asked = System.nanoTime();
            assertThat(service.terminate())
                    .as("the status of a process that was halted")
                    .isEqualTo(70);
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(DEADLINE.plus(MARGIN));
            assertThat(service.output())
                    .contains("The process has not ended within the 3 s of bactrian.shutdown.deadline")
                    .containsPattern("(?s)Still running:.*The route lane-html has been in one step since ")
                    .contains("The thread SpringApplicationShutdownHook is ");

            service.with("BACTRIAN_WORK_EXITAFTER", "10s");
            service.start();
            assertThat(service.awaitEnd(LIMIT))
                    .as("the status of a process that gave up")
                    .isEqualTo(70);
            assertThat(service.output()).contains("an interrupt did not end it: the process ends");

            service.with("BACTRIAN_ROUTES", "file:routes/*.camel.yaml")
                    .with("BACTRIAN_WORK_LONGESTSTEP", "15m")
                    .with("BACTRIAN_WORK_EXITAFTER", "1h")
                    .with("BACTRIAN_SHUTDOWN_DEADLINE", "20s");
            service.start();
            assertThat(client.awaitEnd(task, key, LIMIT).path("status").asText())
                    .isEqualTo("completed");
            assertThat(client.pagesHad(task, key)).isEqualTo(3);
            Books.areClosed(service);
            service.terminate();
        }
    }
}
