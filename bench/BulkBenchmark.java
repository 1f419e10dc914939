import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.html.HtmlScraper;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A bulk task of the service, from the POST to the end, beside a bare loop: the same HTTP client, the same selectors, the
 * same pages, one virtual thread for each parallel request, and nothing stored.
 *
 * <p>The pages, the loop and the service each run in a process of their own. Rounds are interleaved, each is warmed by one
 * that does not count, and the ratio is the median of the rounds' own ratios. Traffic goes to loopback only.
 */
public final class BulkBenchmark {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final List<String> HEAP = List.of(
            "-XX:+UseParallelGC", "-Xms256m", "-Xmx2g", "-XX:NewRatio=1", "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    static final String SELECTORS =
            """
            {"title": "h1", "breadcrumb": "nav li:last-child a", "canonical": "link[rel=canonical]@href",
             "names": {"selector": ".item h2 a", "all": true}, "links": {"selector": ".item h2 a@href", "all": true},
             "prices": {"selector": ".item .price", "all": true, "transform": ["number"]},
             "ratings": {"selector": ".item .rating", "all": true}, "stock": {"selector": ".item .stock", "all": true},
             "first_description": ".item .description", "description": {"selector": "description", "type": "meta"}}""";

    public static void main(String[] arguments) throws Exception {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "serve" -> serve(Integer.parseInt(arguments[1]));
            case "loop" -> loop(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            default -> compare(options(arguments));
        }
    }

    static Map<String, Integer> options(String[] arguments) {
        Map<String, Integer> options = new HashMap<>(Map.of("pages", 10_000, "parallel", 64, "batch", 100, "rounds", 3));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (options.replace(name, Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        return options;
    }

    // ---- the comparison

    record Figures(double pagesPerSecond, double cpuSecondsPerThousand) {}

    static void compare(Map<String, Integer> options) throws Exception {
        int pages = options.get("pages");
        int parallel = options.get("parallel");
        Path work = Path.of("target", "bench", "work");
        deleteRecursively(work);
        Files.createDirectories(work);
        int sitePort = freePort();
        int port = freePort();
        List<Process> started = new ArrayList<>();
        try {
            started.add(child(work.resolve("site.log"), Map.of(), List.of("-Xmx512m"), "bench/BulkBenchmark.java", "serve", "" + sitePort));
            Process service = child(work.resolve("service.log"), Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + freePort(), "BACTRIAN_BROKER_PORT", "" + freePort(),
                    "BACTRIAN_DATA_DIRECTORY", work.resolve("data").toString(), "BACTRIAN_EGRESS_ALLOW", "127.0.0.1",
                    "BACTRIAN_RATELIMIT_ENABLED", "false",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000"), HEAP, "io.bactrian.Bactrian", "up");
            started.add(service);
            Process loop = child(work.resolve("loop.log"), Map.of(), HEAP,
                    "bench/BulkBenchmark.java", "loop", "" + sitePort, "" + pages, "" + parallel);
            started.add(loop);
            Client client = new Client(URI.create("http://127.0.0.1:" + port));
            client.signUp();
            List<Double> speed = new ArrayList<>();
            List<Double> cpu = new ArrayList<>();
            List<Figures> ours = new ArrayList<>();
            List<Figures> bare = new ArrayList<>();
            for (int round = 0; round <= options.get("rounds"); round++) {
                Figures b = bareRound(loop, pages);
                Figures o = serviceRound(client, service, sitePort, pages, parallel, options.get("batch"));
                System.out.printf("%s  loop %6.0f pages/s %5.2f CPU s/1000   service %6.0f pages/s %5.2f CPU s/1000%n",
                        round == 0 ? "warm-up" : "round " + round, b.pagesPerSecond(), b.cpuSecondsPerThousand(),
                        o.pagesPerSecond(), o.cpuSecondsPerThousand());
                if (round > 0) {
                    ours.add(o);
                    bare.add(b);
                    speed.add(o.pagesPerSecond() / b.pagesPerSecond());
                    cpu.add(o.cpuSecondsPerThousand() / b.cpuSecondsPerThousand());
                }
            }
            System.out.printf("%nmedians: service %.0f pages/s, %.2f CPU s/1000 (PostgreSQL included); loop %.0f pages/s, %.2f CPU s/1000%n",
                    median(ours.stream().map(Figures::pagesPerSecond).toList()),
                    median(ours.stream().map(Figures::cpuSecondsPerThousand).toList()),
                    median(bare.stream().map(Figures::pagesPerSecond).toList()),
                    median(bare.stream().map(Figures::cpuSecondsPerThousand).toList()));
            System.out.printf("service / loop: %.2f of the speed, %.2f of the CPU; peak memory of the service's process %d MB%n",
                    median(speed), median(cpu), peakMegabytes(service));
        } finally {
            for (Process process : started) {
                process.destroy();
                process.waitFor();
            }
        }
    }

    static Figures bareRound(Process loop, int pages) throws IOException {
        Duration before = cpu(loop.toHandle());
        long began = System.nanoTime();
        loop.getOutputStream().write('\n');
        loop.getOutputStream().flush();
        String answer = new BufferedReader(new InputStreamReader(loop.getInputStream(), StandardCharsets.UTF_8)).readLine();
        double seconds = (System.nanoTime() - began) / 1e9;
        if (!("done " + pages).equals(answer)) {
            throw new IllegalStateException("The loop said: " + answer);
        }
        return new Figures(pages / seconds, cpu(loop.toHandle()).minus(before).toMillis() / (double) pages);
    }

    static Figures serviceRound(Client client, Process service, int sitePort, int pages, int parallel, int batch) throws Exception {
        Duration before = cpuWithPostgres(service);
        long began = System.nanoTime();
        String id = client.submit(sitePort, pages, parallel, batch);
        client.awaitEnd(id);
        double seconds = (System.nanoTime() - began) / 1e9;
        Duration used = cpuWithPostgres(service).minus(before);
        client.check(id, sitePort, pages);
        return new Figures(pages / seconds, used.toMillis() / (double) pages);
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    // ---- the client of the service

    static final class Client {
        private final HttpClient http = HttpClient.newHttpClient();
        private final URI base;
        private String key = "";

        Client(URI base) {
            this.base = base;
        }

        void signUp() throws Exception {
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (true) {
                try {
                    if (json(send("GET", "/openapi/selextract.json", null, "")).has("paths")) {
                        break;
                    }
                } catch (IOException notYet) {
                    if (System.nanoTime() > end) {
                        throw notYet;
                    }
                }
                Thread.sleep(200);
            }
            String token = json(send("POST", "/auth/register", JSON.createObjectNode()
                    .put("email", "bench" + System.nanoTime() + "@example.com").put("password", "a long password"), "")).path("token").asText();
            ObjectNode ask = JSON.createObjectNode().put("name", "bench");
            key = json(send("POST", "/api-keys", ask, token)).path("api_key").asText();
        }

        String submit(int sitePort, int pages, int parallel, int batch) throws Exception {
            ObjectNode task = JSON.createObjectNode().put("name", "bench").put("task_type", "bulk_scraping");
            ObjectNode config = task.putObject("config");
            ArrayNode urls = config.putArray("urls");
            for (int i = 0; i < pages; i++) {
                urls.add(url(sitePort, i));
            }
            config.set("selectors", JSON.readTree(SELECTORS));
            config.put("parallel_requests", parallel).put("batch_size", batch);
            return create(task);
        }

        String create(ObjectNode task) throws Exception {
            JsonNode created = json(send("POST", "/tasks", task, key));
            if (!created.has("id")) {
                throw new IllegalStateException("The service answered: " + created);
            }
            return created.path("id").asText();
        }

        String search(ObjectNode search) throws Exception {
            JsonNode created = json(send("POST", "/scrape", search, key));
            if (!created.has("jobId")) {
                throw new IllegalStateException("The service answered: " + created);
            }
            return created.path("jobId").asText();
        }

        JsonNode get(String path) throws Exception {
            return json(send("GET", path, null, key));
        }

        void awaitEnd(String id) throws Exception {
            awaitEndOf("/tasks/" + id);
        }

        /** Follows the events of a task or job, which costs the service less than asking again and again. */
        void awaitEndOf(String path) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(base.resolve(path + "/events"))
                    .header("Authorization", "Bearer " + key).build();
            try (InputStream events = http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
                events.transferTo(OutputStream.nullOutputStream());
            }
        }

        void check(String id, int sitePort, int pages) throws Exception {
            JsonNode rows = rows(id);
            for (int i = 0; i < pages; i++) {
                if (!rows.path(i).path("url").asText().equals(url(sitePort, i)) || rows.path(i).path("data").path("names").size() != 40) {
                    throw new IllegalStateException("Row " + i + " is not as it should be: " + rows.path(i));
                }
            }
            if (rows.size() != pages) {
                throw new IllegalStateException(rows.size() + " rows for " + pages + " pages.");
            }
        }

        JsonNode rows(String id) throws Exception {
            return json(send("GET", "/tasks/" + id + "/download", null, key));
        }

        private byte[] send(String method, String path, JsonNode body, String credential) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(2));
            if (!credential.isEmpty()) {
                request.header("Authorization", "Bearer " + credential);
            }
            request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()).body();
        }

        private static JsonNode json(byte[] body) throws IOException {
            return JSON.readTree(body);
        }
    }

    static String url(int port, int page) {
        return "http://127.0.0.1:" + port + "/p/" + page + ".html";
    }

    // ---- the bare loop: a line on standard input starts a round

    static void loop(int sitePort, int pages, int parallel) throws Exception {
        EgressProperties egress = EgressProperties.allowing("127.0.0.1");
        try (EgressGuard guard = new EgressGuard(new AddressPolicy(egress.allow(), egress.ports()), egress.resolveTimeout());
                EgressClient client = new EgressClient(guard, egress)) {
            UserAgent userAgent = new UserAgent(null, "https://example.org/");
            Scraper scraper = new HtmlScraper(client, new RobotsTxt(client, userAgent, Clock.systemUTC()), userAgent, Clock.systemUTC());
            SelectorPlan plan = SelectorPlan.compile(JSON.readTree(SELECTORS));
            ScrapeOptions options = new ScrapeOptions(true, Duration.ofSeconds(30), Map.of(), Map.of(), true);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (input.readLine() != null) {
                AtomicInteger next = new AtomicInteger();
                AtomicLong had = new AtomicLong();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < parallel; i++) {
                    threads.add(Thread.startVirtualThread(() -> {
                        for (int page; (page = next.getAndIncrement()) < pages; ) {
                            if (scraper.scrape(new PageRequest(url(sitePort, page), options, plan, 1)) instanceof Outcome.Scraped) {
                                had.incrementAndGet();
                            }
                        }
                    }));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                System.out.println("done " + had.get());
            }
        }
    }

    // ---- the site: 500 different pages of about 40 KB, kept in memory

    static void serve(int port) throws IOException {
        byte[][] answers = new byte[500][];
        for (int i = 0; i < answers.length; i++) {
            byte[] body = page(i).getBytes(StandardCharsets.UTF_8);
            byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
            answers[i] = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, answers[i], head.length, body.length);
        }
        byte[] notFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket server = new ServerSocket(port, 1024, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket socket = server.accept();
                Thread.startVirtualThread(() -> answer(socket, answers, notFound));
            }
        }
    }

    static void answer(Socket socket, byte[][] answers, byte[] notFound) {
        try (socket) {
            socket.setTcpNoDelay(true);
            BufferedReader input = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line; (line = input.readLine()) != null; ) {
                String path = line.split(" ")[1];
                while (!input.readLine().isEmpty()) {
                    continue;
                }
                boolean isPage = path.startsWith("/p/");
                socket.getOutputStream().write(isPage ? answers[Integer.parseInt(path.substring(3, path.length() - 5)) % answers.length] : notFound);
            }
        } catch (IOException gone) {
            System.err.println(gone.getMessage());
        }
    }

    static String page(int number) {
        Random random = new Random(number);
        StringBuilder page = new StringBuilder(45_000);
        page.append("<!doctype html><html lang=en><head><meta charset=utf-8><title>Page ").append(number)
                .append("</title><link rel=canonical href=/p/").append(number).append(".html><meta name=description content=\"Forty things, page ")
                .append(number).append("\"><style>").append(".a{color:red}".repeat(100)).append("</style></head><body><nav><ul>");
        for (int i = 0; i < 20; i++) {
            page.append("<li><a href=/c/").append(i).append(">Category ").append(i).append("</a>");
        }
        page.append("</ul></nav><h1> Page ").append(number).append(" </h1><section>");
        for (int i = 0; i < 40; i++) {
            page.append("<article class=\"item c").append(i).append("\" data-sku=\"").append(random.nextInt(1_000_000))
                    .append("\"><a class=pic href=\"/i/").append(i).append("\"><img src=\"/img/").append(i).append(".png\" alt=\"\"></a><h2><a href=\"/i/")
                    .append(number).append('/').append(i).append("\">Thing ").append(i).append(" of ").append(number)
                    .append(" &amp; more</a></h2><div class=meta><span class=rating>").append(random.nextInt(50) / 10.0)
                    .append("</span> <small>(").append(random.nextInt(900)).append(" votes)</small></div><div class=offer><span class=price> £")
                    .append(random.nextInt(900)).append('.').append(10 + random.nextInt(90)).append(" </span><span class=stock>In stock: ")
                    .append(random.nextInt(40)).append("</span></div><p class=description>");
            for (int word = 0; word < 60; word++) {
                page.append(Integer.toString(random.nextInt(1_600_000), 36)).append(' ');
            }
            page.append("<p><b>Tags</b>: <a rel=tag href=/t/1>one</a>, <a rel=tag href=/t/2>two</a><button type=button>Add to basket</button></article>");
        }
        return page.append("</section><footer><p>The end</footer></body></html>").toString();
    }

    // ---- processes

    static Process child(Path log, Map<String, String> environment, List<String> options, String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of(JAVA));
        line.addAll(options);
        line.addAll(List.of("-cp", System.getProperty("java.class.path")));
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(log.toFile());
        if (!command[command.length - 1].equals("up") && !command[1].equals("serve")) {
            builder.redirectInput(ProcessBuilder.Redirect.PIPE).redirectOutput(ProcessBuilder.Redirect.PIPE);
        } else {
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        }
        builder.environment().putAll(environment);
        return builder.start();
    }

    static Duration cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** The service's own time and that of the PostgreSQL that it has started, whose processes are not its children. */
    static Duration cpuWithPostgres(Process service) {
        Duration postgres = ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").contains("/target/bench/work/data/"))
                .map(BulkBenchmark::cpu)
                .reduce(Duration.ZERO, Duration::plus);
        return cpu(service.toHandle()).plus(postgres);
    }

    static long peakMegabytes(Process process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return -1;
        }
        return Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(-1);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static void deleteRecursively(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
