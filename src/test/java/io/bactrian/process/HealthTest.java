package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.TestBroker;
import io.bactrian.api.contract.DocumentedResponse;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a load balancer and the administrator see of a service whose database hangs or whose broker is gone. */
class HealthTest {
    private static final TestBroker BROKER = new TestBroker();
    private static final ServiceProcess SERVICE = new ServiceProcess("health")
            .with("SPRING_ARTEMIS_BROKER_URL", BROKER.url() + "?consumerWindowSize=0")
            .with("BACTRIAN_ADMIN_EMAILS", ServiceClient.EMAIL)
            // The limits on requests are not what is tested here.
            .with("BACTRIAN_RATELIMIT_ENABLED", "false");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Set<String> UNSENT = Set.of("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset");
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Two thirds of the pool. */
    private static final int CONNECTIONS_FOR_WORK = 16;

    private static String token = "";

    @BeforeAll
    static void start() {
        SERVICE.start();
        try (ServiceClient client = new ServiceClient(SERVICE.address())) {
            token = client.register().token();
        }
    }

    @AfterAll
    static void stop() {
        SERVICE.close();
        BROKER.close();
        HTTP.shutdownNow();
    }

    @Test
    void aDatabaseThatHangsMakesTheServiceUnhealthyUntilItAnswersAgain() throws IOException, InterruptedException {
        awaitHealthy();
        int logged = linesOfTheLogAbout("database").size();
        List<ProcessHandle> postgres = SERVICE.postgres().stream()
                .flatMap(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
                .toList();
        assertThat(postgres).isNotEmpty();
        signal("STOP", postgres);
        try {
            for (int i = 0; i < 3; i++) {
                JsonNode health = awaitUnhealthy();
                assertThat(health.path("database").asText()).isEqualTo("unhealthy");
                assertThat(health.path("broker").asText()).isEqualTo("healthy");
                assertThat(health.path("redis").asText()).isEqualTo("healthy");
            }
        } finally {
            signal("CONT", postgres);
        }

        awaitHealthy();
        assertThat(linesOfTheLogAbout("database"))
                .as("one when it stopped, one when it was back")
                .hasSize(logged + 2);
    }

    @Test
    void aBrokerThatIsGoneMakesTheServiceUnhealthyUntilItIsBack() {
        awaitHealthy();
        int logged = linesOfTheLogAbout("broker").size();
        BROKER.stop();
        try {
            for (int i = 0; i < 3; i++) {
                JsonNode health = awaitUnhealthy();
                assertThat(health.path("broker").asText()).isEqualTo("unhealthy");
                assertThat(health.path("redis").asText()).isEqualTo("unhealthy");
                assertThat(health.path("celery").asText())
                        .isEqualTo(health.path("workers").asText());
                assertThat(health.path("database").asText()).isEqualTo("healthy");
            }
            HttpResponse<byte[]> metrics = get("/admin/system-metrics", token);
            assertThat(differences("getSystemMetrics 503", metrics)).isEmpty();
        } finally {
            BROKER.restart();
        }

        awaitHealthy();
        assertThat(differences("getSystemMetrics 200", get("/admin/system-metrics", token)))
                .isEmpty();
        assertThat(linesOfTheLogAbout("broker")).hasSize(logged + 2);
    }

    @Test
    void whileEveryConnectionOfThePoolIsTakenTheAnswerStillComes()
            throws SQLException, ExecutionException, InterruptedException, TimeoutException {
        awaitHealthy();
        List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres"
                        .formatted(SERVICE.setting("BACTRIAN_POSTGRES_PORT")));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE task IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 40; i++) {
                waiting.add(HTTP.sendAsync(request("/tasks", token), BodyHandlers.ofByteArray()));
            }

            JsonNode health = awaitUnhealthy();

            assertThat(health.path("database").asText()).isEqualTo("unhealthy");
            assertThat(waiting).as("requests that still wait for the lock").anyMatch(response -> !response.isDone());
            connection.rollback();
        }
        for (CompletableFuture<HttpResponse<byte[]>> response : waiting) {
            assertThat(response.get(60, TimeUnit.SECONDS).statusCode()).isIn(200, 503);
        }
        awaitHealthy();
    }

    @Test
    void whileLanesHaveAllConnectionsThatTheyMayHaveRequestsAreAnswered() throws SQLException {
        awaitHealthy();
        try (ServiceClient client = new ServiceClient(SERVICE.address());
                Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres"
                                .formatted(SERVICE.setting("BACTRIAN_POSTGRES_PORT")));
                Statement statement = connection.createStatement()) {
            ServiceClient.Credentials account = client.register("lanes@example.com");
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE task_row IN ACCESS EXCLUSIVE MODE");
            List<String> refused = IntStream.range(0, 24)
                    .mapToObj(page -> "http://10.0.0.1/" + page)
                    .toList();
            String task = client.createTask(account.key(), ServiceClient.bulkTask(refused, 24), "lanes")
                    .path("id")
                    .asText();
            await("lanes wait on all their connections")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> lockedOut() == CONNECTIONS_FOR_WORK);

            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/tasks", account.key()).path("tasks")).isNotNull();
                assertThat(get("/health", "").statusCode()).isEqualTo(200);
            }
            assertThat(lockedOut()).isEqualTo(CONNECTIONS_FOR_WORK);
            connection.rollback();
            client.awaitEnd(task, account.key(), Duration.ofSeconds(60));
        }
    }

    /** How many connections wait for a lock. */
    private static int lockedOut() {
        return SERVICE.database()
                .sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                .query(Integer.class)
                .single();
    }

    private static void awaitHealthy() {
        await("the service is healthy")
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(differences("getHealth 200", get("/health", "")))
                        .isEmpty());
    }

    /** The first answer that says so, which is as it is documented and shows nothing of the cause. */
    private static JsonNode awaitUnhealthy() {
        HttpResponse<byte[]> unhealthy = await("the service is unhealthy")
                .atMost(Duration.ofSeconds(60))
                .until(() -> get("/health", ""), response -> response.statusCode() != 200);
        assertThat(differences("getHealth 503", unhealthy)).isEmpty();
        try {
            JsonNode health = JSON.readTree(unhealthy.body());
            assertThat(health.path("status").asText()).isEqualTo("unhealthy");
            return health;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> differences(String response, HttpResponse<byte[]> answer) {
        return DocumentedResponse.named(response)
                .differences(answer.statusCode(), answer.headers().map(), answer.body(), UNSENT);
    }

    private static HttpResponse<byte[]> get(String path, String credential) {
        try {
            return HTTP.send(request(path, credential), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpRequest request(String path, String credential) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(SERVICE.address().resolve(path)).timeout(Duration.ofSeconds(60));
        return (credential.isEmpty() ? request : request.header("Authorization", "Bearer " + credential)).build();
    }

    private static List<String> linesOfTheLogAbout(String part) {
        return SERVICE.output()
                .lines()
                .filter(line -> line.contains("Health: " + part))
                .toList();
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        assertThat(new ProcessBuilder(command).start().waitFor(30, TimeUnit.SECONDS))
                .isTrue();
    }
}
