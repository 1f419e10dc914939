import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/**
 * Tasks in the browser, from the POST to the end, beside a plain Playwright loop with as many browsers: the same Chromium, the
 * same pages, images, media and fonts left out by both, one tab kept for each browser, and nothing stored by the loop.
 *
 * <p>The pages, the loop and the service each run in processes of their own. Rounds are interleaved, each is warmed by one that
 * does not count. Memory is the largest sum of the proportional shares (PSS) of a process and all that it has started.
 */
final class BrowserBenchmark {
    /** The first thing that both take from a page, so that both have parsed and searched it. */
    private static final int ITEMS = 40;

    private static final int PAGES_OF_A_TASK = 100;

    private BrowserBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("loop")) {
            loop(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            return;
        }
        Map<String, Integer> options = new HashMap<>(Map.of("pages", 200, "rounds", 3, "most", 4));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (options.replace(arguments[i].replaceFirst("^--", ""), Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        for (int browsers = 1; browsers <= options.get("most"); browsers *= 2) {
            compare(browsers, options.get("pages"), options.get("rounds"));
        }
    }

    private static void compare(int browsers, int pages, int rounds) throws Exception {
        Path work = Path.of("target", "bench", "work");
        BulkBenchmark.deleteRecursively(work);
        Files.createDirectories(work);
        int sitePort = BulkBenchmark.freePort();
        int port = BulkBenchmark.freePort();
        List<Process> started = new ArrayList<>();
        try {
            started.add(BulkBenchmark.child(work.resolve("site.log"), Map.of(), List.of("-Xmx256m"), "BulkBenchmark", "serve", "" + sitePort));
            Map<String, String> settings = new HashMap<>(Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + BulkBenchmark.freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + BulkBenchmark.freePort(), "BACTRIAN_BROKER_PORT", "" + BulkBenchmark.freePort(),
                    "BACTRIAN_DATA_DIRECTORY", work.resolve("data").toString(), "BACTRIAN_EGRESS_ALLOW", "127.0.0.1",
                    "BACTRIAN_RATELIMIT_ENABLED", "false", "BACTRIAN_BROWSER_BROWSERS", "" + browsers,
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_ADVANCED", "true"));
            settings.put("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "20");
            Process service = BulkBenchmark.child(work.resolve("service.log"), settings, BulkBenchmark.HEAP, "io.bactrian.Bactrian", "up");
            started.add(service);
            BulkBenchmark.Client client = new BulkBenchmark.Client(URI.create("http://127.0.0.1:" + port));
            client.signUp();
            List<Double> ours = new ArrayList<>();
            List<Double> plain = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            long ourMemory = 0;
            long plainMemory = 0;
            for (int round = 0; round <= rounds; round++) {
                Process loop = BulkBenchmark.child(work.resolve("loop.log"), Map.of(), List.of("-Xmx512m"),
                        "BrowserBenchmark", "loop", "" + sitePort, "" + pages, "" + browsers);
                started.add(loop);
                Measured p = measured(loop, pages, () -> plainRound(loop));
                loop.destroy();
                loop.waitFor();
                Measured o = measured(service, pages, () -> serviceRound(client, sitePort, pages));
                System.out.printf("%d browsers, %s  loop %5.1f pages/s %4d MB   service %5.1f pages/s %4d MB%n", browsers,
                        round == 0 ? "warm-up" : "round " + round, p.pagesPerSecond(), p.megabytes(), o.pagesPerSecond(), o.megabytes());
                if (round > 0) {
                    ours.add(o.pagesPerSecond());
                    plain.add(p.pagesPerSecond());
                    ratios.add(o.pagesPerSecond() / p.pagesPerSecond());
                    ourMemory = Math.max(ourMemory, o.megabytes());
                    plainMemory = Math.max(plainMemory, p.megabytes());
                }
            }
            System.out.printf("%d browsers, medians: service %.1f pages/s, loop %.1f pages/s, ratio %.2f; memory with everything %d MB and %d MB%n%n",
                    browsers, BulkBenchmark.median(ours), BulkBenchmark.median(plain), BulkBenchmark.median(ratios), ourMemory, plainMemory);
        } finally {
            for (Process process : started) {
                process.destroy();
                process.waitFor();
            }
        }
    }

    record Measured(double pagesPerSecond, long megabytes) {}

    /** @param round gives the seconds that it took */
    static Measured measured(Process process, int pages, Callable<Double> round) throws Exception {
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Double> seconds = threads.submit(round);
            long most = 0;
            while (!seconds.isDone()) {
                most = Math.max(most, megabytes(process));
                Thread.sleep(250);
            }
            return new Measured(pages / seconds.get(), most);
        }
    }

    private static double serviceRound(BulkBenchmark.Client client, int sitePort, int pages) throws Exception {
        long began = System.nanoTime();
        List<String> tasks = new ArrayList<>();
        for (int first = 0; first < pages; first += PAGES_OF_A_TASK) {
            ObjectNode task = BulkBenchmark.JSON.createObjectNode().put("name", "bench").put("task_type", "advanced_scraping");
            ObjectNode config = task.putObject("config");
            ArrayNode urls = config.putArray("urls");
            for (int page = first; page < Math.min(first + PAGES_OF_A_TASK, pages); page++) {
                urls.add(BulkBenchmark.url(sitePort, page));
            }
            config.set("selectors", BulkBenchmark.JSON.readTree(BulkBenchmark.SELECTORS));
            tasks.add(client.create(task));
        }
        for (String task : tasks) {
            client.awaitEnd(task);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        for (String task : tasks) {
            for (JsonNode row : client.rows(task)) {
                if (row.path("data").path("names").size() != ITEMS) {
                    throw new IllegalStateException("A row is not as it should be: " + row);
                }
            }
        }
        return seconds;
    }

    private static double plainRound(Process loop) throws IOException {
        BufferedReader output = new BufferedReader(new InputStreamReader(loop.getInputStream(), StandardCharsets.UTF_8));
        if (!"ready".equals(output.readLine())) {
            throw new IllegalStateException("The loop did not start: see target/bench/work/loop.log");
        }
        long began = System.nanoTime();
        loop.getOutputStream().write('\n');
        loop.getOutputStream().flush();
        if (!"done".equals(output.readLine())) {
            throw new IllegalStateException("The loop failed: see target/bench/work/loop.log");
        }
        return (System.nanoTime() - began) / 1e9;
    }

    // ---- the plain loop: a line on standard input starts it

    private static void loop(int sitePort, int pages, int browsers) throws Exception {
        System.setProperty("playwright.cli.dir", "target/playwright/driver");
        AtomicInteger next = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger open = new AtomicInteger();
        Object go = new Object();
        for (int i = 0; i < browsers; i++) {
            threads.add(Thread.ofPlatform().start(() -> scrape(sitePort, pages, next, open, go)));
        }
        while (open.get() < browsers) {
            Thread.sleep(20);
        }
        System.out.println("ready");
        System.in.read();
        synchronized (go) {
            open.set(-1);
            go.notifyAll();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("done");
        System.in.read();
    }

    private static void scrape(int sitePort, int pages, AtomicInteger next, AtomicInteger open, Object go) {
        Set<String> blocked = Set.of("image", "media", "font");
        try (Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of(
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "PLAYWRIGHT_NODEJS_PATH", node().toString())));
                Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium())
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking")))) {
            Page page = browser.newPage();
            page.route("**/*", route -> {
                if (blocked.contains(route.request().resourceType())) {
                    route.abort();
                } else {
                    route.resume();
                }
            });
            open.incrementAndGet();
            synchronized (go) {
                while (open.get() >= 0) {
                    go.wait();
                }
            }
            for (int number; (number = next.getAndIncrement()) < pages; ) {
                page.navigate(BulkBenchmark.url(sitePort, number));
                Document document = Jsoup.parse(page.content());
                if (document.select(".item h2 a").size() != ITEMS) {
                    throw new IllegalStateException("Page " + number + " is not as it should be.");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path node() {
        try (Stream<Path> files = Files.walk(Path.of("target", "playwright", "driver"), 2)) {
            return files.filter(file -> file.endsWith("node")).findFirst().orElseThrow().toAbsolutePath();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path chromium() {
        String configured = System.getenv("BACTRIAN_BROWSER_EXECUTABLE");
        if (configured != null) {
            return Path.of(configured);
        }
        return Stream.of("chromium-headless-shell", "chromium", "google-chrome")
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Set BACTRIAN_BROWSER_EXECUTABLE to a Chromium."));
    }

    // ---- memory

    private static long megabytes(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .mapToLong(BrowserBenchmark::kilobytes)
                        .sum()
                / 1024;
    }

    /** The proportional share of a process: what it has alone, and its part of what it shares. */
    private static long kilobytes(ProcessHandle process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException | RuntimeException gone) {
            return 0;
        }
    }
}
