package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * The service dies while it reads a sitemap, and while it follows next links, and is started again.
 *
 * <p>The number of kills among the pages is {@code bactrian.test.follow-kills}, by default 1.
 */
class FollowCrashTest {
    private static final int KILLS = Integer.getInteger("bactrian.test.follow-kills", 1);
    private static final int URLS = 60;
    private static final int PAGES = 6;
    private static final int UNITS_FOR_A_PAGE = 5;
    private static final Duration TASK_LIMIT = Duration.ofSeconds(90);

    @Test
    void eachPageOfEachChainIsOneRowWheneverTheProcessDies() {
        try (MisbehavingOrigin site = MisbehavingOrigin.start();
                ServiceProcess service = new ServiceProcess("follow-crash");
                ServiceClient client = new ServiceClient(service.address())) {
            site.on("/sitemap.txt", (request, socket, out) -> {
                        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                        return Behaviours.body("text/plain", Behaviours.utf8(String.join("\n", starts(site))))
                                .answer(request, socket, out);
                    })
                    .on("/list", FollowCrashTest::page);
            service.start();
            String key = client.register().key();
            ObjectNode wanted = ServiceClient.bulkTask(List.of(), 8);
            ObjectNode config = (ObjectNode) wanted.path("config");
            config.remove("urls");
            config.put("sitemap_url", site.url("/sitemap.txt")).put("sitemap_limit", 100);
            config.putObject("follow").put("next", "a.next").put("max_pages", 2 * PAGES);
            String id = client.post("/tasks", key, wanted, 201).path("id").asText();

            await().atMost(TASK_LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> !site.requestsFor("/sitemap.txt").isEmpty());
            service.kill();
            service.start();
            for (int kill = 1; kill <= KILLS; kill++) {
                int percent = 100 * kill / (KILLS + 1);
                await("%d %% of the pages were asked for".formatted(percent))
                        .atMost(TASK_LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> pagesAskedFor(site) * 100 >= (long) percent * URLS * PAGES);
                service.kill();
                service.start();
            }
            JsonNode task = client.awaitEnd(id, key, TASK_LIMIT);

            assertThat(task.path("status").asText()).isEqualTo("completed");
            assertThat(task.path("progress").asInt()).isEqualTo(100);
            assertThat(task.path("compute_units_consumed").asInt()).isEqualTo(UNITS_FOR_A_PAGE * URLS * PAGES);
            assertThat(client.downloadedUrls(id, key)).isEqualTo(pages(site));
            assertThat(Books.count(service.database(), "task_row")).isEqualTo(URLS * PAGES);
            Books.areClosed(service);
            service.terminate();
        }
    }

    private static boolean page(MisbehavingOrigin.Request request, Socket socket, OutputStream out) throws IOException {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        String target = request.target();
        int next = target.contains("&p=") ? Integer.parseInt(target.replaceAll(".*&p=", "")) + 1 : 1;
        String start = target.replaceAll("&p=.*", "");
        String link = next < PAGES ? "<a class=next href='" + start + "&amp;p=" + next + "'>next</a>" : "";
        return Behaviours.page("<h1>A page</h1>" + link).answer(request, socket, out);
    }

    private static long pagesAskedFor(MisbehavingOrigin site) {
        return site.requests().stream()
                .map(MisbehavingOrigin.Request::target)
                .filter(target -> target.startsWith("/list"))
                .distinct()
                .count();
    }

    private static List<String> starts(MisbehavingOrigin site) {
        List<String> urls = new ArrayList<>();
        for (int url = 0; url < URLS; url++) {
            urls.add(site.url("/list?u=" + url));
        }
        return urls;
    }

    private static List<String> pages(MisbehavingOrigin site) {
        List<String> urls = new ArrayList<>();
        for (String start : starts(site)) {
            urls.add(start);
            for (int page = 1; page < PAGES; page++) {
                urls.add(start + "&p=" + page);
            }
        }
        return urls;
    }
}
