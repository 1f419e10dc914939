import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Webhooks to two well receivers, alone and beside three sick ones: one that is dead, one that hangs, and one that answers 500
 * half the time.
 *
 * <p>A round has two halves. First the well receivers are paused until all events have happened, and then resumed: how many
 * deliveries a second? Then a tenth of the events happens one by one: how long after its event does each arrive? Each event is
 * a task that ends. The first round without sick receivers is a warm-up. Memory is the largest resident set of the service's
 * JVM, where the platform tells. Run it on a quiet machine. Traffic goes to loopback only.
 */
public final class WebhooksBenchmark {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final Duration LIMIT = Duration.ofMinutes(30);

    public static void main(String[] arguments) throws Exception {
        Map<String, Integer> options = new HashMap<>(Map.of("events", 2_000, "rounds", 3));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (options.replace(name, Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        Path work = Path.of("target", "bench", "work");
        deleteRecursively(work);
        Files.createDirectories(work);
        try (Node node = new Node(work);
                Receiver first = new Receiver("127.0.7.1", "well");
                Receiver second = new Receiver("127.0.7.2", "well");
                Receiver hanging = new Receiver("127.0.7.4", "hanging");
                Receiver failing = new Receiver("127.0.7.5", "failing");
                Socket dead = new Socket()) {
            dead.bind(new InetSocketAddress(InetAddress.getByName("127.0.7.3"), 0));
            node.signUp();
            List<Receiver> well = List.of(first, second);
            for (Receiver receiver : well) {
                receiver.webhook = node.register(receiver.url());
            }
            for (int round = 0; round <= options.get("rounds"); round++) {
                round(round == 0 ? "warm-up" : "alone " + round, node, well, options.get("events"));
            }
            node.register("http://127.0.7.3:" + dead.getLocalPort() + "/");
            node.register(hanging.url());
            node.register(failing.url());
            for (int round = 1; round <= options.get("rounds"); round++) {
                round("beside sick " + round, node, well, options.get("events"));
            }
            System.out.printf("The one that fails half the time took %d of %d; the service's JVM: %s%n",
                    failing.arrivals.size(), options.get("rounds") * (options.get("events") + options.get("events") / 10), node.memory());
        }
    }

    static void round(String name, Node node, List<Receiver> well, int events) throws Exception {
        for (Receiver receiver : well) {
            node.pause(receiver, true);
            receiver.arrivals.clear();
        }
        node.tasks(events, 8);
        for (Receiver receiver : well) {
            node.awaitPending(receiver, events);
        }
        long began = System.nanoTime();
        for (Receiver receiver : well) {
            node.pause(receiver, false);
        }
        awaitArrivals(well, events);
        double seconds = (System.nanoTime() - began) / 1e9;
        well.forEach(receiver -> receiver.arrivals.clear());
        node.tasks(events / 10, 1);
        awaitArrivals(well, events / 10);
        List<Long> lags = well.stream().flatMap(receiver -> receiver.arrivals.values().stream()).sorted().toList();
        System.out.printf("%-13s %6.0f deliveries/s; after its event: median %d ms, 99 %% %d ms, last %d ms%n", name,
                well.size() * events / seconds, lags.get(lags.size() / 2), lags.get(lags.size() * 99 / 100), lags.getLast());
    }

    static void awaitArrivals(List<Receiver> receivers, int count) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (receivers.stream().anyMatch(receiver -> receiver.arrivals.size() < count)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Not all webhooks arrived.");
            }
            Thread.sleep(5);
        }
    }

    /** A customer's receiver. */
    static final class Receiver implements AutoCloseable {
        /** How long after its event each webhook came first, in milliseconds, by its id. */
        final Map<String, Long> arrivals = new ConcurrentHashMap<>();
        private final AtomicInteger requests = new AtomicInteger();
        private final CountDownLatch closed = new CountDownLatch(1);
        private final HttpServer server;
        private final String address;
        long webhook;

        Receiver(String address, String kind) throws IOException {
            this.address = address;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 256);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                if (kind.equals("hanging")) {
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return;
                }
                boolean taken = kind.equals("well") || requests.incrementAndGet() % 2 == 0;
                if (taken) {
                    Instant at = Instant.parse(JSON.readTree(body).path("timestamp").asText());
                    arrivals.putIfAbsent(exchange.getRequestHeaders().getFirst("webhook-id"),
                            Duration.between(at, Instant.now()).toMillis());
                }
                exchange.sendResponseHeaders(taken ? 204 : 500, -1);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "http://" + address + ":" + server.getAddress().getPort() + "/";
        }

        @Override
        public void close() {
            closed.countDown();
            server.stop(0);
        }
    }

    /** The service in a process of its own, and its client. */
    static final class Node implements AutoCloseable {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final URI base;
        private final Process process;
        private String token = "";
        private String key = "";

        Node(Path work) throws IOException {
            int port = freePort();
            base = URI.create("http://127.0.0.1:" + port);
            ProcessBuilder builder = new ProcessBuilder(JAVA, "-Xmx1g", "-XX:+IgnoreUnrecognizedVMOptions",
                    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                    "-cp", System.getProperty("java.class.path"), "io.bactrian.Bactrian", "up")
                    .redirectErrorStream(true).redirectOutput(work.resolve("service.log").toFile());
            builder.environment().putAll(Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + freePort(), "BACTRIAN_BROKER_PORT", "" + freePort(),
                    "BACTRIAN_DATA_DIRECTORY", work.resolve("data").toString(),
                    "BACTRIAN_RATELIMIT_ENABLED", "false",
                    "BACTRIAN_EGRESS_WEBHOOKS_ALLOW", "127.0.7.0/24",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "100"));
            process = builder.start();
        }

        void signUp() throws Exception {
            long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
            while (true) {
                try {
                    if (send("GET", "/docs", null, "").statusCode() == 200) {
                        break;
                    }
                } catch (IOException notYet) {
                    if (System.nanoTime() > end) {
                        throw notYet;
                    }
                }
                Thread.sleep(500);
            }
            ObjectNode account = JSON.createObjectNode().put("email", "bench@example.com").put("password", "a long password");
            token = json("POST", "/auth/register", account.toString(), "").path("token").asText();
            key = json("POST", "/api-keys", "{\"name\": \"bench\"}", token).path("api_key").asText();
        }

        long register(String url) throws Exception {
            ObjectNode webhook = JSON.createObjectNode().put("url", url);
            webhook.putArray("events").add("task.failed");
            return json("POST", "/webhooks", webhook.toString(), token).path("id").asLong();
        }

        void pause(Receiver receiver, boolean paused) throws Exception {
            json("PUT", "/webhooks/" + receiver.webhook, "{\"is_active\": " + !paused + "}", token);
        }

        void awaitPending(Receiver receiver, int count) throws Exception {
            long end = System.nanoTime() + LIMIT.toNanos();
            String path = "/webhooks/" + receiver.webhook + "/deliveries?status=pending&limit=1";
            while (json("GET", path, null, token).at("/pagination/total").asInt() < count) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("Not all events happened.");
                }
                Thread.sleep(200);
            }
        }

        /** Creates tasks that end at once, for their URL is refused. */
        void tasks(int count, int clients) throws Exception {
            String task = """
                    {"name": "bench", "task_type": "simple_scraping",
                     "config": {"urls": ["http://10.0.%d.%d/"], "selectors": {"title": "h1"}, "retry_attempts": 0}}""";
            try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
                List<Future<JsonNode>> answers = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    // Each of a host of its own, or they would take turns at it.
                    String own = task.formatted(i / 250 % 250, i % 250);
                    answers.add(threads.submit(() -> json("POST", "/tasks", own, key)));
                }
                for (Future<JsonNode> answer : answers) {
                    answer.get();
                }
            }
        }

        String memory() throws IOException {
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            if (!Files.exists(status)) {
                return "unknown";
            }
            try (Stream<String> lines = Files.lines(status)) {
                return lines.filter(line -> line.startsWith("VmHWM")).findFirst().orElse("unknown").replaceAll("\\s+", " ");
            }
        }

        private JsonNode json(String method, String path, String body, String credential) throws Exception {
            HttpResponse<byte[]> response = send(method, path, body, credential);
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(path + ": " + response.statusCode() + " " + new String(response.body()));
            }
            return JSON.readTree(response.body());
        }

        private HttpResponse<byte[]> send(String method, String path, String body, String credential) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(1));
            if (!credential.isEmpty()) {
                request.header("Authorization", "Bearer " + credential);
            }
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor();
        }
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
