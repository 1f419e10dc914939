package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Browsers die, and the service dies with browsers open: each page has its row once, and no process is left.
 *
 * <p>The number of pages is {@code bactrian.test.browser-pages}, by default 60; a browser dies with each tenth of them.
 */
class BrowserCrashTest {
    private static final int PAGES = Integer.getInteger("bactrian.test.browser-pages", 60);
    private static final int PAGES_OF_A_TASK = 100;
    private static final int UNITS_FOR_A_PAGE = 10;
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Test
    void aBrowserThatDiesWithEveryTenthOfThePagesCostsNoRowAndLeavesNoProcess() {
        try (Site site = Site.open(Duration.ofMillis(5));
                ServiceProcess service = withBrowsers("browser-crashes");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            List<String> tasks = submit(client, key, site);

            for (int tenth = 1; tenth < 10; tenth++) {
                int pages = PAGES * tenth / 10;
                await("%d pages were asked for".formatted(pages))
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> site.pagesAskedFor("/page/") >= pages);
                List<ProcessHandle> roots = service.browsers().stream()
                        .filter(BrowserCrashTest::isRootOfABrowser)
                        .toList();
                roots.stream().limit(1).forEach(ProcessHandle::destroyForcibly);
            }

            assertEachPageHasItsRow(client, key, site, tasks);
            Books.areClosed(service);
            await("no browser is left")
                    .atMost(LIMIT)
                    .until(() -> service.browsers().isEmpty());
            service.terminate();
        }
    }

    @Test
    void aPageWhoseBrowserIsKilledUnderItHasItsRowAndLeavesNoThreadBusy() {
        try (Site site = Site.open(Duration.ofMillis(5));
                ServiceProcess service = withBrowsers("killed-under-a-page");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            String task = client.post("/tasks", key, lingering(site.url("/page/0")), 201)
                    .path("id")
                    .asText();

            killTheBrowserUnder(site, service, 1);

            assertThat(client.awaitEnd(task, key, LIMIT).path("status").asText())
                    .isEqualTo("completed");
            assertThat(client.pagesHad(task, key)).isOne();
            Duration before = service.processorTime();
            await("two seconds have passed and no thread was busy")
                    .pollDelay(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> service.processorTime().minus(before).compareTo(Duration.ofSeconds(1)) < 0);
            Books.areClosed(service);
            service.terminate();
        }
    }

    @Test
    void aPageUnderWhichTheBrowserDiesThreeTimesIsARow() {
        try (Site site = Site.open(Duration.ofMillis(5));
                ServiceProcess service = withBrowsers("deadly-page");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            String task = client.post("/tasks", key, lingering(site.url("/page/0")), 201)
                    .path("id")
                    .asText();

            for (int death = 1; death <= 3; death++) {
                killTheBrowserUnder(site, service, death);
            }

            assertThat(client.awaitEnd(task, key, LIMIT).path("status").asText())
                    .isEqualTo("failed");
            JsonNode row =
                    client.get("/tasks/" + task + "/download?format=json", key).path(0);
            assertThat(row.at("/error/code").asText()).isEqualTo("extraction_failed");
            assertThat(row.at("/error/message").asText()).contains("died under the page 3 times");
            assertThat(site.requestsFor("/page/")).isEqualTo(3);
            Books.areClosed(service);
            service.terminate();
        }
    }

    @Test
    void aServiceThatIsKilledWithBrowsersOpenLeavesNoneOfThemBehindItsNextStart() {
        try (Site site = Site.open(Duration.ofMillis(5));
                ServiceProcess service = withBrowsers("killed-with-browsers");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            List<String> tasks = submit(client, key, site);
            await("a third of the pages were asked for")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> site.pagesAskedFor("/page/") * 3 >= PAGES);
            List<ProcessHandle> open = service.browsers();
            assertThat(open).isNotEmpty();

            service.kill();
            service.start();

            assertEachPageHasItsRow(client, key, site, tasks);
            await("the browsers of the killed service are gone")
                    .atMost(LIMIT)
                    .until(() -> open.stream().noneMatch(ProcessHandle::isAlive));
            Books.areClosed(service);
            List<ProcessHandle> last = service.browsers();
            service.terminate();
            await("an orderly stop closes the browsers")
                    .atMost(LIMIT)
                    .until(() -> last.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    /** A task of one page that the browser stays on for a while. */
    private static ObjectNode lingering(String url) {
        ObjectNode task = ServiceClient.bulkTask(List.of(url), 1);
        task.put("task_type", "advanced_scraping");
        ObjectNode config = task.withObject("/config");
        config.remove(List.of("batch_size", "parallel_requests"));
        config.put("wait_ms", 3_000);
        return task;
    }

    /** Kills Chromium while it is on the page that a site is asked for the so manieth time. */
    private static void killTheBrowserUnder(Site site, ServiceProcess service, int request) {
        await("the page was asked for %d times".formatted(request))
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> site.requestsFor("/page/") >= request);
        List<ProcessHandle> roots = service.browsers().stream()
                .filter(BrowserCrashTest::isRootOfABrowser)
                .toList();
        assertThat(roots).isNotEmpty();
        roots.forEach(ProcessHandle::destroyForcibly);
    }

    private static ServiceProcess withBrowsers(String name) {
        return new ServiceProcess(name)
                .with("BACTRIAN_PLANS_SELEXTRACT_FREE_ADVANCED", "true")
                .with("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "4")
                .with("BACTRIAN_BROWSER_IDLETIMEOUT", "2s")
                .with("BACTRIAN_BROWSER_PAGESPERBROWSER", "40");
    }

    private static List<String> submit(ServiceClient client, String key, Site site) {
        List<String> tasks = new ArrayList<>();
        List<String> urls = site.urls("/page/", PAGES);
        for (int first = 0; first < PAGES; first += PAGES_OF_A_TASK) {
            ObjectNode task = ServiceClient.bulkTask(urls.subList(first, Math.min(first + PAGES_OF_A_TASK, PAGES)), 3);
            task.put("task_type", "advanced_scraping");
            task.withObject("/config").remove(List.of("batch_size", "parallel_requests"));
            tasks.add(client.post("/tasks", key, task, 201).path("id").asText());
        }
        return tasks;
    }

    private static void assertEachPageHasItsRow(ServiceClient client, String key, Site site, List<String> tasks) {
        List<String> urls = new ArrayList<>();
        int had = 0;
        for (String task : tasks) {
            client.awaitEnd(task, key, LIMIT);
            urls.addAll(client.downloadedUrls(task, key));
            had += client.pagesHad(task, key);
        }
        assertThat(urls).isEqualTo(site.urls("/page/", PAGES));
        assertThat(had).isEqualTo(PAGES);
        assertThat(client.get("/auth/me", key).path("compute_units_used").asInt())
                .isEqualTo(UNITS_FOR_A_PAGE * PAGES);
    }

    /** Whether a process is a browser's first one, which the driver or a script of the system starts, and no helper. */
    private static boolean isRootOfABrowser(ProcessHandle process) {
        return process.parent()
                .flatMap(parent -> parent.info().command())
                .filter(command -> !command.contains("chrom"))
                .isPresent();
    }
}
