import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A customer's program: it asks one node and then the other until it has an answer, and repeats a creation under its key. */
final class SoakClient implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration ONE_CALL = Duration.ofSeconds(45);

    /** Calls that a node did not answer in time though it was up all the while, and answers of 5xx, by status. */
    final Map<String, AtomicInteger> troubles = new ConcurrentHashMap<>();
    final AtomicLong slowest = new AtomicLong();
    final AtomicInteger calls = new AtomicInteger();

    private final List<SoakNode> nodes;
    private final AtomicInteger next = new AtomicInteger();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();

    SoakClient(List<SoakNode> nodes) {
        this.nodes = nodes;
    }

    record Answer(int status, JsonNode body) {}

    /** An account, its JWT of MapScraper and its key of Selextract. */
    record Account(String name, String id, String token, String key) {}

    Account register(String name) throws Exception {
        ObjectNode account = JSON.createObjectNode().put("email", name + "@example.com").put("password", "a long password").put("name", name);
        String token = require(201, call("POST", "/auth/register", account, "", null)).path("token").asText();
        ObjectNode key = JSON.createObjectNode().put("name", "soak").put("environment", "prod");
        key.putArray("permissions").add("*");
        String secret = require(201, call("POST", "/api-keys", key, token, null)).path("api_key").asText();
        JsonNode me = require(200, call("GET", "/auth/me", null, secret, null));
        return new Account(name, me.path("id").asText(), token, secret);
    }

    static JsonNode require(int status, Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("Not " + status + " but " + answer.status() + ": " + answer.body());
        }
        return answer.body();
    }

    /**
     * Makes a call, and again at another node when there is no answer, or one of 5xx.
     *
     * @param key the Idempotency-Key, or null
     */
    Answer call(String method, String path, JsonNode body, String credential, String key) throws Exception {
        long begun = System.nanoTime();
        Answer last = new Answer(0, JSON.nullNode());
        while (System.nanoTime() - begun < PATIENCE.toNanos()) {
            SoakNode node = nodes.get(Math.floorMod(next.getAndIncrement(), nodes.size()));
            if (!node.isUp()) {
                if (nodes.stream().noneMatch(SoakNode::isUp)) {
                    Thread.sleep(200);
                }
                continue;
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(node.address.resolve(path)).timeout(ONE_CALL);
            if (!credential.isEmpty()) {
                request.header("Authorization", "Bearer " + credential);
            }
            if (key != null) {
                request.header("Idempotency-Key", key);
            }
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body.toString()));
            long sent = System.nanoTime();
            try {
                HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
                calls.incrementAndGet();
                slowest.accumulateAndGet((System.nanoTime() - sent) / 1_000_000, Math::max);
                last = new Answer(response.statusCode(), response.body().isEmpty() ? JSON.nullNode() : JSON.readTree(response.body()));
                if (last.status() < 500) {
                    return last;
                }
                trouble(method + " " + path.replaceAll("[0-9a-f-]{36}|job_[0-9]+", "…") + " " + last.status());
            } catch (IOException gone) {
                if (node.isUp()) {
                    trouble(method + " " + path.replaceAll("[0-9a-f-]{36}|job_[0-9]+", "…") + " no answer");
                }
            }
            Thread.sleep(300);
        }
        return last;
    }

    private void trouble(String name) {
        troubles.computeIfAbsent(name, any -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
