package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Relay;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients and operators see while the database or the broker is away, and when it is back. */
class OutageTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final TestBroker BROKER = new TestBroker().waitingBeforeRedelivery();
    private static final Relay TO_DATABASE = new Relay(port(DATABASE.url().substring("jdbc:".length())));
    private static final Relay TO_BROKER = new Relay(port(BROKER.url()));
    private static final ServiceProcess SERVICE = new ServiceProcess("outage")
            .with("SPRING_DATASOURCE_URL", DATABASE.url().replaceFirst(":\\d+/", ":" + TO_DATABASE.port() + "/"))
            .with("SPRING_ARTEMIS_BROKER_URL", "tcp://127.0.0.1:%d?consumerWindowSize=0".formatted(TO_BROKER.port()));
    private static final Site SITE = Site.open(Duration.ofMillis(20));
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger ACCOUNTS = new AtomicInteger();

    private ServiceClient client;
    private String key = "";

    private static int port(String url) {
        return URI.create(url).getPort();
    }

    @BeforeAll
    static void start() {
        SERVICE.start();
    }

    @AfterAll
    static void stop() {
        SERVICE.close();
        SITE.close();
        TO_DATABASE.close();
        TO_BROKER.close();
        BROKER.close();
        DATABASE.close();
        HTTP.shutdownNow();
    }

    @BeforeEach
    void register() {
        client = new ServiceClient(SERVICE.address());
        key = client.register("ada-" + ACCOUNTS.incrementAndGet() + "@example.com")
                .key();
    }

    @ParameterizedTest
    @ValueSource(strings = {"refuses connections", "is silent"})
    void aTaskIsTakenAtOnceWhileTheBrokerIsAwayAndRunsWhenItIsBack(String broker) {
        String directory = broker.replace(' ', '-');
        if (broker.equals("is silent")) {
            TO_BROKER.silence();
        } else {
            TO_BROKER.cut();
        }
        String id;
        try {
            for (int i = 0; i < 3; i++) {
                Timed answer = post("/tasks", ServiceClient.bulkTask(SITE.urls("/" + directory + i + "/", 2), 2));
                assertThat(answer.status()).isEqualTo(201);
                assertThat(answer.duration()).isLessThan(AT_ONCE);
            }
            Timed last = post("/tasks", ServiceClient.bulkTask(SITE.urls("/" + directory + "/", 3), 2));
            id = last.json().path("id").asText();
            assertThat(get("/health").duration()).isLessThan(AT_ONCE);
            // What it knows is up to a second old.
            await("the health says that the broker is away")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> {
                        Timed health = management("/actuator/health");
                        assertThat(health.duration()).isLessThan(AT_ONCE);
                        return health.status() == 503;
                    });
            assertThat(management("/actuator/health/readiness").status())
                    .as("requests are served without the broker")
                    .isEqualTo(200);
        } finally {
            TO_BROKER.mend();
        }

        JsonNode task = client.awaitEnd(id, key, Duration.ofSeconds(90));
        assertThat(task.path("status").asText()).isEqualTo("completed");
        assertThat(client.downloadedUrls(id, key)).hasSize(3);
        await("the service is healthy")
                .atMost(Duration.ofSeconds(60))
                .until(() -> get("/health").status() == 200);
    }

    @Test
    void withoutTheDatabaseCallsAreRefusedAtOnceAndTheLogStaysReadable() {
        String slow = client.post("/tasks", key, ServiceClient.bulkTask(SITE.urls("/outage/", 200), 4), 201)
                .path("id")
                .asText();
        await().atMost(Duration.ofSeconds(30)).until(() -> SITE.requestsFor("/outage/") > 20);
        int logged = lines();
        long begun = System.nanoTime();
        TO_DATABASE.cut();
        try {
            Timed first = get("/tasks");
            assertThatItIsUnavailable(first);
            assertThat(first.duration()).isLessThan(Duration.ofSeconds(4));
            for (int i = 0; i < 20; i++) {
                assertThatItIsUnavailable(get("/tasks"));
            }
            Timed mapscraper = get("/scrape/jobs");
            assertThat(mapscraper.status()).isEqualTo(503);
            assertThat(mapscraper.json().path("error").asText()).contains("database");
            assertThat(mapscraper.json().path("retryAfter").asInt()).isPositive();
            await("calls are refused at once")
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(get("/tasks").duration()).isLessThan(Duration.ofMillis(500)));
            await("the node says that it is not ready")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> management("/actuator/health/readiness").status() == 503);
            await("a while has passed")
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            System.nanoTime() - begun > Duration.ofSeconds(35).toNanos());
            assertThat(lines() - logged).as("lines of the log in 35 seconds").isLessThan(20);
            assertThat(SERVICE.output()).contains("The database is away (");
        } finally {
            TO_DATABASE.mend();
        }

        await("calls succeed again")
                .atMost(Duration.ofSeconds(30))
                .until(() -> get("/tasks").status() == 200);
        JsonNode task = client.awaitEnd(slow, key, Duration.ofSeconds(60));
        assertThat(task.path("status").asText()).isEqualTo("completed");
        assertThat(client.downloadedUrls(slow, key)).hasSize(200);
        assertThat(management("/actuator/health/readiness").status()).isEqualTo(200);
    }

    private static void assertThatItIsUnavailable(Timed answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.json().path("error").asText()).isEqualTo("service_unavailable");
        assertThat(answer.retryAfter()).isPositive();
    }

    private static int lines() {
        return (int) SERVICE.output().lines().count();
    }

    /** An answer, and how long it took. */
    private record Timed(int status, String text, int retryAfter, Duration duration) {
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new AssertionError("The answer is no JSON: " + text, e);
            }
        }
    }

    private Timed get(String path) {
        return timed(HttpRequest.newBuilder(SERVICE.address().resolve(path)).header("Authorization", "Bearer " + key));
    }

    private static Timed management(String path) {
        return timed(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + SERVICE.setting("MANAGEMENT_SERVER_PORT") + path)));
    }

    private Timed post(String path, JsonNode body) {
        return timed(HttpRequest.newBuilder(SERVICE.address().resolve(path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    private static Timed timed(HttpRequest.Builder request) {
        long begun = System.nanoTime();
        try {
            HttpResponse<String> answer =
                    HTTP.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
            return new Timed(
                    answer.statusCode(),
                    answer.body(),
                    answer.headers()
                            .firstValue("Retry-After")
                            .map(Integer::parseInt)
                            .orElse(0),
                    Duration.ofNanos(System.nanoTime() - begun));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
