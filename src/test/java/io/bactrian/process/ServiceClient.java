package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What a customer's program does with the service, over HTTP. */
final class ServiceClient implements AutoCloseable {
    static final String EMAIL = "ada@example.com";
    static final String PASSWORD = "SecurePassword123!";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI service;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ServiceClient(URI service) {
        this.service = service;
    }

    /** A JWT of MapScraper, and a key of Selextract. */
    record Credentials(String token, String key) {}

    Credentials register() {
        return register(EMAIL);
    }

    Credentials register(String email) {
        ObjectNode account = JSON.createObjectNode()
                .put("email", email)
                .put("password", PASSWORD)
                .put("name", "Ada");
        String token = post("/auth/register", "", account, 201).path("token").asText();
        ObjectNode key = JSON.createObjectNode().put("name", "Key").put("environment", "prod");
        key.putArray("permissions").add("*");
        return new Credentials(
                token, post("/api-keys", token, key, 201).path("api_key").asText());
    }

    static ObjectNode credentials() {
        return JSON.createObjectNode().put("email", EMAIL).put("password", PASSWORD);
    }

    static ObjectNode bulkTask(List<String> urls, int parallelRequests) {
        ObjectNode task = JSON.createObjectNode().put("name", "Pages").put("task_type", "bulk_scraping");
        ObjectNode config = task.putObject("config")
                .put("batch_size", 10)
                .put("parallel_requests", parallelRequests)
                .put("timeout", 120);
        ArrayNode array = config.putArray("urls");
        urls.forEach(array::add);
        config.putObject("selectors").put("title", "h1");
        return task;
    }

    JsonNode get(String path, String credential) {
        return answer(request(path, credential).GET(), 200);
    }

    /** What the node says of its health, whatever it is. */
    JsonNode health() {
        try {
            return JSON.readTree(send(request("/health", "").GET()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int statusOfGet(String path, String credential) {
        return send(request(path, credential).GET()).statusCode();
    }

    JsonNode post(String path, String credential, JsonNode body, int status) {
        return answer(json(request(path, credential), body), status);
    }

    /** Creates a task, under an {@code Idempotency-Key}. */
    JsonNode createTask(String credential, ObjectNode task, String idempotencyKey) {
        return answer(json(request("/tasks", credential).header("Idempotency-Key", idempotencyKey), task), 201);
    }

    /** The answer to the creation of a task, whatever it is. */
    HttpResponse<String> submit(String credential, ObjectNode task, String idempotencyKey) {
        return send(json(request("/tasks", credential).header("Idempotency-Key", idempotencyKey), task));
    }

    JsonNode delete(String path, String credential) {
        return answer(request(path, credential).DELETE(), 200);
    }

    /** Waits until a task has ended, and gives it. */
    JsonNode awaitEnd(String id, String credential, Duration limit) {
        return await("the task has ended")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> get("/tasks/" + id, credential),
                        task -> Set.of("completed", "failed", "cancelled")
                                .contains(task.path("status").asText()));
    }

    /** How many rows of a task's result have data. */
    int pagesHad(String id, String credential) {
        int had = 0;
        for (JsonNode row : get("/tasks/" + id + "/download?format=json", credential)) {
            had += row.path("error").isNull() ? 1 : 0;
        }
        return had;
    }

    /** The URLs of the rows of a task's result, in their order. */
    List<String> downloadedUrls(String id, String credential) {
        JsonNode rows = get("/tasks/" + id + "/download?format=json", credential);
        return rows.findValuesAsText("url");
    }

    private static HttpRequest.Builder json(HttpRequest.Builder request, JsonNode body) {
        return request.header("Content-Type", "application/json").POST(body(body));
    }

    private static BodyPublisher body(JsonNode body) {
        return BodyPublishers.ofString(body.toString());
    }

    private HttpRequest.Builder request(String path, String credential) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(service.resolve(path)).timeout(Duration.ofSeconds(30));
        return credential.isEmpty() ? request : request.header("Authorization", "Bearer " + credential);
    }

    private JsonNode answer(HttpRequest.Builder request, int status) {
        HttpResponse<String> response = send(request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
