import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a rate limit costs a request: the same calls, one after the other, to a service with limits that nobody reaches and to
 * one without limits.
 *
 * <p>The calls carry an {@code sk_} key, so each takes a token from two buckets. In a round the services take turns, with
 * limits, without, without, with, so that what changes over time weighs on both alike; a figure is the mean of the two turns'
 * medians. The first round is a warm-up. What is told in the end is the median of the rounds: of their figures, their
 * differences and their ratios. Run it on a quiet machine. Traffic goes to loopback only.
 */
public final class LimitsBenchmark {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final String TASK = """
            {"name": "bench", "task_type": "simple_scraping",
             "config": {"urls": ["http://10.0.0.1/"], "selectors": {"title": "h1"}, "retry_attempts": 0}}""";

    public static void main(String[] arguments) throws Exception {
        Map<String, Integer> options = new HashMap<>(Map.of("gets", 2_000, "posts", 300, "rounds", 7));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (options.replace(name, Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        Path work = Path.of("target", "bench", "work");
        deleteRecursively(work);
        Files.createDirectories(work);
        try (Node with = new Node(work, "with", Map.of(
                        "BACTRIAN_RATELIMIT_LIMITS_GENERAL_USER", "1000000",
                        "BACTRIAN_RATELIMIT_LIMITS_TASKCREATION_USER", "1000000"));
                Node without = new Node(work, "without", Map.of("BACTRIAN_RATELIMIT_ENABLED", "false"))) {
            with.signUp();
            without.signUp();
            compare("GET /tasks", with, without, options.get("rounds"), node -> node.gets(options.get("gets")));
            compare("POST /tasks", with, without, options.get("rounds"), node -> node.posts(options.get("posts")));
        }
    }

    interface Round {
        /** The median time of a call in microseconds. */
        double run(Node node) throws Exception;
    }

    static void compare(String what, Node with, Node without, int rounds, Round round) throws Exception {
        List<Double> limited = new ArrayList<>();
        List<Double> free = new ArrayList<>();
        List<Double> differences = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = -1; i < rounds; i++) {
            double on = round.run(with);
            double off = round.run(without);
            off = (off + round.run(without)) / 2;
            on = (on + round.run(with)) / 2;
            if (i >= 0) {
                limited.add(on);
                free.add(off);
                differences.add(on - off);
                ratios.add(on / off);
            }
            System.out.printf("%-11s %-8s with %7.0f us  without %7.0f us  ratio %.3f%n",
                    what, i < 0 ? "warm-up" : "round " + (i + 1), on, off, on / off);
        }
        System.out.printf("%-11s medians  with %7.0f us  without %7.0f us  ratio %.3f: the limiter takes %.0f us, %.1f %% of the request%n%n",
                what, median(limited), median(free), median(ratios), median(differences), 100 * (1 - 1 / median(ratios)));
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** One service in a process of its own, and its client. */
    static final class Node implements AutoCloseable {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final URI base;
        private final Process process;
        private String key = "";

        Node(Path work, String name, Map<String, String> settings) throws IOException {
            int port = freePort();
            base = URI.create("http://127.0.0.1:" + port);
            ProcessBuilder builder = new ProcessBuilder(JAVA, "-Xmx1g", "-XX:+IgnoreUnrecognizedVMOptions",
                    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                    "-cp", System.getProperty("java.class.path"), "io.bactrian.Bactrian", "up")
                    .redirectErrorStream(true).redirectOutput(work.resolve(name + ".log").toFile());
            builder.environment().putAll(Map.of(
                    "SERVER_PORT", "" + port, "MANAGEMENT_SERVER_PORT", "" + freePort(),
                    "BACTRIAN_POSTGRES_PORT", "" + freePort(), "BACTRIAN_BROKER_PORT", "" + freePort(),
                    "BACTRIAN_DATA_DIRECTORY", work.resolve(name).toString(),
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000",
                    "BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "1000"));
            builder.environment().putAll(settings);
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
            String token = json(send("POST", "/auth/register", account.toString(), "")).path("token").asText();
            key = json(send("POST", "/api-keys", "{\"name\": \"bench\"}", token)).path("api_key").asText();
        }

        double gets(int count) throws Exception {
            return times(count, "GET", "/tasks", null, 200);
        }

        double posts(int count) throws Exception {
            double median = times(count, "POST", "/tasks", TASK, 201);
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            // The other service's turn begins when this one has nothing left to do.
            while (!"0".equals(send("GET", "/tasks?status=pending,running&page_size=1", null, key)
                    .headers().firstValue("X-Total-Count").orElse("")) && System.nanoTime() < end) {
                Thread.sleep(100);
            }
            return median;
        }

        private double times(int count, String method, String path, String body, int status) throws Exception {
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long began = System.nanoTime();
                HttpResponse<byte[]> response = send(method, path, body, key);
                times.add((System.nanoTime() - began) / 1e3);
                if (response.statusCode() != status) {
                    throw new IllegalStateException(response.statusCode() + " " + new String(response.body()));
                }
            }
            return median(times);
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

        private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
            return JSON.readTree(response.body());
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
