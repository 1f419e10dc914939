package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The public REST API as a newcomer's program uses it.
 *
 * <p>It builds its own HTTP client, which elsewhere only the {@code egress} room does: it stands outside the service and must
 * reach it on the loopback address that {@code egress} refuses. It talks to the service alone.
 */
final class NewcomersClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final URI service;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    NewcomersClient(URI service) {
        this.service = service;
    }

    /** Sends JSON and returns the JSON of the answer. */
    JsonNode post(String path, String credential, JsonNode body) {
        HttpRequest request = request(path, credential)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        return json(request);
    }

    /** Takes what is at a path as JSON. */
    JsonNode get(String path, String credential) {
        return json(request(path, credential).build());
    }

    /** Writes what is at a path to a file, in place of what was there. */
    void download(String path, String credential, Path file) {
        HttpResponse<InputStream> response = send(request(path, credential).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw refused(response, new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.copy(body, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new DemoException("The results cannot be written to " + file + ": " + failure.getMessage(), failure);
        }
    }

    /** What a member of an answer says, which every Bactrian gives. */
    String text(JsonNode answer, String field) {
        String value = answer.path(field).asText();
        if (value.isEmpty()) {
            throw new DemoException(
                    "What answers at %s is not Bactrian: its answer has no %s.".formatted(service, field));
        }
        return value;
    }

    /**
     * Waits for the end of work, by its events or, where they break off, by asking again and again.
     *
     * @return the work as it ended
     */
    JsonNode awaitEnd(Work work, String credential, ProgressListener listener) {
        JsonNode ended = followEvents(work, credential, listener);
        return ended.isMissingNode() ? poll(work, credential, listener) : ended;
    }

    private JsonNode followEvents(Work work, String credential, ProgressListener listener) {
        HttpRequest request = authorized(work.path() + "/events", credential)
                .header("Accept", "text/event-stream")
                .build();
        JsonNode[] ended = {JSON.missingNode()};
        try {
            HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                if (response.statusCode() == 200) {
                    ServerSentEvents.read(lines.iterator(), (type, data) -> {
                        if (type.equals("progress")) {
                            listener.done(parse(data).path(work.counter()).asInt());
                        } else if (type.equals("end")) {
                            ended[0] = parse(data);
                        }
                        return !ended[0].isMissingNode();
                    });
                }
            }
        } catch (UncheckedIOException | DemoException brokenOff) {
            // The work goes on without its listener; polling tells whether the service does too.
            return JSON.missingNode();
        }
        return ended[0];
    }

    private JsonNode poll(Work work, String credential, ProgressListener listener) {
        while (true) {
            HttpResponse<String> response =
                    send(request(work.state(), credential).build(), BodyHandlers.ofString());
            if (response.statusCode() == 429) {
                pause(Duration.ofSeconds(
                        response.headers().firstValueAsLong("Retry-After").orElse(5)));
                continue;
            }
            JsonNode now = work.inner().apply(checked(response));
            listener.done(work.done().applyAsInt(now));
            if (ENDED.contains(now.path("status").asText())) {
                return now;
            }
            pause(work.pollInterval());
        }
    }

    private JsonNode json(HttpRequest request) {
        return checked(send(request, BodyHandlers.ofString()));
    }

    private JsonNode checked(HttpResponse<String> response) {
        if (response.statusCode() / 100 != 2) {
            throw refused(response, response.body());
        }
        return parse(response.body());
    }

    private HttpRequest.Builder request(String path, String credential) {
        return authorized(path, credential).timeout(ANSWER_TIMEOUT);
    }

    private HttpRequest.Builder authorized(String path, String credential) {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.resolve(path));
        return credential.isEmpty() ? request : request.header("Authorization", "Bearer " + credential);
    }

    private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException failure) {
            throw new DemoException(
                    "The service at %s does not answer: start it with ./bactrian up, or look into its log."
                            .formatted(service),
                    failure);
        } catch (InterruptedException stopping) {
            throw interrupted(stopping);
        }
    }

    private DemoException refused(HttpResponse<?> response, String body) {
        JsonNode error = JSON.missingNode();
        try {
            error = JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            // The status says enough.
        }
        String reason = error.path("message").asText(error.path("error").asText("no reason was given"));
        return new DemoException("The service refused %s %s with status %s: %s"
                .formatted(
                        response.request().method(),
                        response.request().uri().getPath(),
                        response.statusCode(),
                        reason + details(error)));
    }

    private static String details(JsonNode error) {
        StringBuilder details = new StringBuilder();
        for (JsonNode detail : error.path("details")) {
            details.append(" [%s: %s]"
                    .formatted(
                            detail.path("field").asText(),
                            detail.path("message").asText()));
        }
        return details.toString();
    }

    private JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            throw new DemoException(
                    "What answers at %s is not Bactrian: it does not speak JSON.".formatted(service), notJson);
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException stopping) {
            throw interrupted(stopping);
        }
    }

    private static DemoException interrupted(InterruptedException stopping) {
        Thread.currentThread().interrupt();
        return new DemoException("The demonstration was interrupted.", stopping);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /**
     * Something that the service works at.
     *
     * @param path under which its events are
     * @param counter the member of a progress event that says how much is done
     * @param state where it is asked for
     * @param inner what of that answer it is
     * @param done how much of it is done then
     */
    record Work(
            String path,
            String counter,
            String state,
            UnaryOperator<JsonNode> inner,
            ToIntFunction<JsonNode> done,
            Duration pollInterval) {

        /** @param total how many pages the task has */
        static Work task(String id, int total) {
            String path = "/tasks/" + id;
            return new Work(
                    path,
                    "pages_done",
                    path,
                    UnaryOperator.identity(),
                    task -> task.path("progress").asInt() * total / 100,
                    Duration.ofMillis(300));
        }

        static Work job(String id) {
            String path = "/scrape/jobs/" + id;
            return new Work(
                    path,
                    "result_count",
                    path + "?resultsLimit=1",
                    answer -> answer.path("job"),
                    job -> job.path("result_count").asInt(),
                    Duration.ofSeconds(1));
        }
    }

    /** Hears of the progress of work. */
    @FunctionalInterface
    interface ProgressListener {
        void done(int count);
    }
}
