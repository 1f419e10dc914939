package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The processes of browsers: none is left, however they end. */
@Timeout(180)
class BrowserProcessesTest {
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final Set<Long> before = new HashSet<>(
            ProcessHandle.current().descendants().map(ProcessHandle::pid).toList());

    @AfterEach
    void close() {
        origin.close();
    }

    @Test
    void aBrowserThatIsKilledUnderAPageMeansThatThePageComesAgain() {
        try (Browsers browsers = new Browsers(1)) {
            killUnderAPage("--remote-debugging-pipe", true);

            assertThat(browsers.scraper.scrape(ofLane("/", "lane"))).isInstanceOf(Outcome.BrowserDied.class);
            theNextPageIsFine(browsers);
        }
        noProcessIsLeft();
    }

    @Test
    void aDriverThatIsKilledUnderAPageMeansThatThePageComesAgain() {
        try (Browsers browsers = new Browsers(1)) {
            killUnderAPage("run-driver", true);

            assertThat(browsers.scraper.scrape(ofLane("/", "lane"))).isInstanceOf(Outcome.BrowserDied.class);
            theNextPageIsFine(browsers);
        }
        noProcessIsLeft();
    }

    @Test
    void aPageWhoseOwnProcessDiesIsARow() {
        try (Browsers browsers = new Browsers(1)) {
            killUnderAPage("--type=renderer", false);

            browsers.failed(origin.url("/"), Browsers.OPTIONS, ErrorCode.EXTRACTION_FAILED);
            theNextPageIsFine(browsers);
        }
        noProcessIsLeft();
    }

    @Test
    void aBrowserIsReplacedAfterSoManyPages() throws IOException {
        origin.on("/", Behaviours.page("<p id=out>x"));
        Set<Long> drivers = new HashSet<>();
        try (Browsers browsers = new Browsers(Browsers.settings(1, Duration.ofMinutes(1), 2))) {
            for (int page = 0; page < 5; page++) {
                assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
                own("run-driver").forEach(driver -> drivers.add(driver.pid()));
                assertThat(own("run-driver").count()).isLessThanOrEqualTo(1);
            }
            assertThat(drivers.size()).isBetween(2, 3);
        }
        noProcessIsLeft();
    }

    @Test
    void anIdleBrowserIsClosedAndItsFilesAreDeleted() {
        origin.on("/", Behaviours.page("<p id=out>x"));
        try (Browsers browsers = new Browsers(Browsers.settings(2, Duration.ofMillis(200), 100))) {
            assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
            assertThat(own("run-driver").count()).isEqualTo(1);

            await().atMost(Duration.ofSeconds(60)).until(() -> own("").findAny().isEmpty());
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> files(browsers.directory).isEmpty());
            theNextPageIsFine(browsers);
        }
        noProcessIsLeft();
    }

    @Test
    void twoLanesHaveTwoBrowsersAndNeverOneContext() throws Exception {
        AtomicInteger together = new AtomicInteger();
        origin.on("/", (request, socket, out) -> {
                    together.incrementAndGet();
                    await().atMost(Duration.ofSeconds(30)).until(() -> together.get() >= 2);
                    return Behaviours.page("<p id=out>x").answer(request, socket, out);
                })
                .on(
                        "/mark",
                        Behaviours.page("<p id=out></p><script>out.textContent = 'was ' + localStorage.mark;"
                                + " localStorage.mark = 'set'</script>"));
        try (Browsers browsers = new Browsers(2)) {
            List<CompletableFuture<Outcome>> pages = new ArrayList<>();
            for (String lane : List.of("a", "b")) {
                pages.add(CompletableFuture.supplyAsync(() -> browsers.scraper.scrape(ofLane("/", lane))));
            }
            for (CompletableFuture<Outcome> page : pages) {
                assertThat(page.get()).isInstanceOf(Outcome.Scraped.class);
            }
            for (String lane : List.of("c", "d", "c", "e")) {
                assertThat(browsers.scraper.scrape(ofLane("/mark", lane)).toString())
                        .contains("was ");
            }
        }
        try (Browsers browsers = new Browsers(1)) {
            assertThat(browsers.scraper.scrape(ofLane("/mark", "a")).toString()).contains("was undefined");
            assertThat(browsers.scraper.scrape(ofLane("/mark", "b")).toString()).contains("was undefined");
            assertThat(browsers.scraper.scrape(ofLane("/mark", "a")).toString()).contains("was undefined");
        }
        noProcessIsLeft();
    }

    @Test
    void closingThrowsWhateverItInterrupts() throws Exception {
        origin.on("/", Behaviours.silence());
        Browsers browsers = new Browsers(1);
        CompletableFuture<Outcome> page =
                CompletableFuture.supplyAsync(() -> browsers.scraper.scrape(ofLane("/", "lane")));
        CompletableFuture<Outcome> waiting =
                CompletableFuture.supplyAsync(() -> browsers.scraper.scrape(ofLane("/", "lane")));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !origin.requestsFor("/").isEmpty());

        browsers.close();

        for (CompletableFuture<Outcome> ended : List.of(page, waiting)) {
            assertThatThrownBy(ended::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(BrowserFailedException.class);
        }
        assertThatThrownBy(() -> browsers.scraper.scrape(ofLane("/", "lane")))
                .isInstanceOf(BrowserFailedException.class);
        noProcessIsLeft();
    }

    @Test
    void whatAKilledServiceHasLeftIsRemovedByTheNext(@TempDir Path directory) throws Exception {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrowserOwner.class.getName(),
                        directory.toString(),
                        origin.url("/"))
                .inheritIO()
                .start();
        origin.on("/", Behaviours.silence());
        await().atMost(Duration.ofSeconds(100))
                .until(() -> !origin.requestsFor("/").isEmpty());
        List<ProcessHandle> processes = owner.descendants().toList();
        assertThat(processes).isNotEmpty();
        // A process that would outlive its owner: one that nobody tells of its death.
        Process stubborn = new ProcessBuilder("sleep", "600").start();
        Path own = files(directory).getFirst();
        Files.writeString(
                own.resolve("7.processes"),
                own.resolve("7") + "\n" + stubborn.pid() + "-"
                        + stubborn.info()
                                .startInstant()
                                .map(Instant::toEpochMilli)
                                .orElse(0L) + "\n");

        owner.destroyForcibly().waitFor();
        new Leftovers(directory).clean();

        await().atMost(Duration.ofSeconds(60)).until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        await().atMost(Duration.ofSeconds(60)).until(() -> !stubborn.isAlive());
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            new Leftovers(directory).clean();
            return files(directory).isEmpty();
        });
    }

    @Test
    void whatALivingServiceHasIsLeftAlone(@TempDir Path directory) {
        origin.on("/", Behaviours.page("<p id=out>x"));
        try (Browsers browsers =
                new Browsers(Browsers.settings(1, Duration.ofMinutes(1), 100), directory.resolve("browsers"))) {
            assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");

            new Leftovers(directory.resolve("browsers")).clean();

            assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
            assertThat(own("run-driver").count()).isEqualTo(1);
        }
        noProcessIsLeft();
    }

    @Test
    void aMissingBrowserOrDriverIsSaidClearly(@TempDir Path directory) {
        BrowserProperties usual = Browsers.settings(1, Duration.ofMinutes(1), 100);
        BrowserProperties noBrowser = new BrowserProperties(
                1,
                "/no/such/chromium",
                usual.driver(),
                usual.idleTimeout(),
                1,
                usual.maxTraffic(),
                usual.maxMemory(),
                usual.scriptMemory());
        BrowserProperties noDriver = new BrowserProperties(
                1,
                null,
                "/no/such/driver",
                usual.idleTimeout(),
                1,
                usual.maxTraffic(),
                usual.maxMemory(),
                usual.scriptMemory());
        try (Browsers without = new Browsers(noBrowser);
                Browsers undriven = new Browsers(noDriver)) {
            assertThat(without.scraper.available()).isFalse();
            assertThat(undriven.scraper.available()).isFalse();
            assertThatThrownBy(() -> without.scraper.scrape(ofLane("/", "lane")))
                    .isInstanceOf(BrowserMissingException.class)
                    .hasMessageContaining("bactrian.browser.executable is /no/such/chromium");
            assertThatThrownBy(() -> undriven.scraper.scrape(ofLane("/", "lane")))
                    .isInstanceOf(BrowserMissingException.class)
                    .hasMessageContaining("bactrian.browser.driver");
            assertThatThrownBy(() -> without.scraper.scrape(ofLane("/", "lane")))
                    .isInstanceOf(BrowserMissingException.class);
        }
        assertThatThrownBy(() -> new BrowserProperties(
                        0, null, "", Duration.ZERO, 1, usual.maxTraffic(), usual.maxMemory(), usual.scriptMemory()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void killUnderAPage(String argument, boolean silence) {
        origin.on("/", (request, socket, out) -> {
            if (silence) {
                own(argument).forEach(ProcessHandle::destroyForcibly);
            }
            return Behaviours.page("<p id=out>x</p><script>fetch('/kill')</script>")
                    .answer(request, socket, out);
        });
        origin.on("/kill", (request, socket, out) -> {
            own(argument).forEach(ProcessHandle::destroyForcibly);
            return Behaviours.silence().answer(request, socket, out);
        });
    }

    private void theNextPageIsFine(Browsers browsers) {
        origin.on("/next", Behaviours.page("<p id=out>fine"));
        assertThat(browsers.out(origin.url("/next"), Browsers.OPTIONS)).isEqualTo("fine");
    }

    private PageRequest ofLane(String path, String lane) {
        return new PageRequest(origin.url(path), Browsers.OPTIONS, Browsers.plan("{\"out\": \"#out\"}"), 1, lane);
    }

    /** Processes that this test has caused, with an argument. */
    private Stream<ProcessHandle> own(String argument) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> !before.contains(process.pid()))
                .filter(process -> commandLine(process).contains(argument));
    }

    /** As the system has it, for Java does not tell long ones. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", String.valueOf(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return process.info().commandLine().orElse("");
        }
    }

    private void noProcessIsLeft() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(own("").map(BrowserProcessesTest::commandLine))
                        .isEmpty());
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.toList()) {
                try (Stream<Path> inside = Files.isDirectory(file) ? Files.list(file) : Stream.of(file)) {
                    if (inside.findAny().isPresent()) {
                        found.add(file);
                    }
                }
            }
            return found;
        }
    }
}
