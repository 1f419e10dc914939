package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A node whose browser does not start says so once, serves everything else, and leaves the browser's work to those who can do it. */
class BrowserlessNodeTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int PAGES = 3;

    @Test
    void aBrowserThatDoesNotStartIsToldOnceTakesNoWorkAndIsTriedAgain() throws IOException {
        try (Site site = Site.open(Duration.ZERO);
                ServiceProcess service =
                        new ServiceProcess("browserless").with("BACTRIAN_PLANS_SELEXTRACT_FREE_ADVANCED", "true");
                ServiceClient client = new ServiceClient(service.address())) {
            Path browser = service.data().resolveSibling("browser");
            service.with("BACTRIAN_BROWSER_EXECUTABLE", browser.toString());
            breakIt(browser);
            service.start();
            String key = client.register().key();

            awaitBrowser(client, "no_sandbox");
            assertThat(client.health().path("status").asText()).isEqualTo("healthy");
            assertThat(service.alarms())
                    .singleElement()
                    .asString()
                    .contains("advanced_scraping and searches of google-maps are refused until a browser starts")
                    .contains("No usable sandbox!")
                    .contains("seccomp")
                    .contains("kernel.apparmor_restrict_unprivileged_userns");
            client.post("/tasks", key, advanced(site), 503);
            client.post("/scrape", key, search(), 503);

            repair(browser);
            awaitBrowser(client, "available");
            site.slow("/page/0", Duration.ofSeconds(60));
            String task =
                    client.post("/tasks", key, advanced(site), 201).path("id").asText();
            await("the page is open").atMost(LIMIT).until(() -> site.pagesAskedFor("/page/") > 0);
            service.kill();
            site.slow("/page/0", Duration.ZERO);
            breakIt(browser);
            service.start();

            awaitBrowser(client, "no_sandbox");
            assertThat(client.health().path("workers").asText()).isEqualTo("healthy");
            assertThat(service.alarms()).as("no token was taken and given back").hasSize(1);
            repair(browser);
            assertThat(client.awaitEnd(task, key, LIMIT).path("status").asText())
                    .isEqualTo("completed");
            assertThat(client.pagesHad(task, key)).isEqualTo(PAGES);
            Books.areClosed(service);
            service.terminate();
        }
    }

    private static void awaitBrowser(ServiceClient client, String state) {
        await("the browser is " + state)
                .atMost(LIMIT)
                .until(() -> client.health().path("browser").asText().equals(state));
    }

    private static ObjectNode advanced(Site site) {
        ObjectNode task = ServiceClient.bulkTask(site.urls("/page/", PAGES), 1);
        task.put("task_type", "advanced_scraping");
        task.withObject("/config").remove(List.of("batch_size", "parallel_requests"));
        return task;
    }

    private static JsonNode search() {
        return new ObjectMapper()
                .createObjectNode()
                .put("searchTerms", "coffee")
                .put("location", "Larnaca")
                .put("maxResults", 5)
                .put("provider", "google-maps");
    }

    /** What Chromium prints where user namespaces are forbidden, and how it ends. */
    private static void breakIt(Path browser) throws IOException {
        script(browser, """
                echo '[1128/154708.560396:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+, see the documentation.' >&2
                exit 133""");
    }

    private static void repair(Path browser) throws IOException {
        Path chromium = Stream.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
        script(browser, "exec %s \"$@\"".formatted(chromium));
    }

    private static void script(Path file, String commands) throws IOException {
        Path next = file.resolveSibling("browser.next");
        Files.writeString(next, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
