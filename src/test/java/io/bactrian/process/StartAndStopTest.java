package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees when the service starts, does not start, and stops. */
class StartAndStopTest {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final ServiceProcess RUNNING = new ServiceProcess("running");

    @BeforeAll
    static void startTheOneThatIsInTheWay() {
        RUNNING.start();
    }

    @AfterAll
    static void stopIt() {
        RUNNING.close();
    }

    @Test
    void aSecondStartOnTheSameDataIsRefused() {
        try (ServiceProcess second = new ServiceProcess("second")
                .with("BACTRIAN_DATA_DIRECTORY", RUNNING.data().toString())) {
            assertThat(second.startInVain()).isEqualTo(1);
            assertThatOneSentenceSays(
                    second, "Another Bactrian is already running on " + RUNNING.data(), "BACTRIAN_DATA_DIRECTORY");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SERVER_PORT", "MANAGEMENT_SERVER_PORT", "BACTRIAN_POSTGRES_PORT", "BACTRIAN_BROKER_PORT"})
    void aPortInUseIsRefusedWithTheSettingThatChangesIt(String variable) {
        String port = RUNNING.setting(variable);
        try (ServiceProcess second = new ServiceProcess("in-use-" + variable).with(variable, port)) {
            assertThat(second.startInVain()).isEqualTo(1);
            assertThatOneSentenceSays(second, "Port %s, which".formatted(port), "set %s to".formatted(variable));
        }
    }

    @Test
    void aDataDirectoryThatIsAFileIsRefused() throws IOException {
        try (ServiceProcess service = new ServiceProcess("file")) {
            Files.createFile(service.data());

            assertThat(service.startInVain()).isEqualTo(1);
            assertThatOneSentenceSays(
                    service, service.data() + " cannot be written (it is a file)", "BACTRIAN_DATA_DIRECTORY");
        }
    }

    @Test
    void aRouteThatSendsToNoOtherIsRefusedWithItsFileAndLine() {
        try (ServiceProcess service = new ServiceProcess("dangling")) {
            Path routes = service.routes(
                    "\n            uri: direct:task-submit\n", "\n            uri: direct:task-submitt\n");
            service.with("BACTRIAN_ROUTES", "file:" + routes + "/*.camel.yaml");

            assertThat(service.startInVain()).isEqualTo(1);
            assertThatOneSentenceSays(
                    service,
                    routes + "/api-selextract.camel.yaml:",
                    " sends to direct:task-submitt, but no route begins with it. Write direct:task-submit,");
        }
    }

    @Test
    void aStopIsQuickAndLosesNothing() {
        try (Site site = Site.open(Duration.ofSeconds(1));
                ServiceProcess service = new ServiceProcess("stop");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            assertThatNothingAlarms(service);
            ServiceClient.Credentials credentials = client.register();
            String key = credentials.key();
            List<String> urls = site.urls("/slow/", 40);
            site.slow("/slow/0", Duration.ofSeconds(60));
            String id = client.post("/tasks", key, ServiceClient.bulkTask(urls, 8), 201)
                    .path("id")
                    .asText();
            await().atMost(Duration.ofSeconds(30)).until(() -> site.requestsFor("/slow/") > 16);

            assertThatItStopsAtOnce(service);

            site.slow("/slow/0", Duration.ZERO);
            service.start();
            assertThat(client.statusOfGet("/auth/me", credentials.token()))
                    .as("a token from before the restart")
                    .isEqualTo(200);
            assertThat(client.post("/auth/login", "", ServiceClient.credentials(), 200)
                            .path("token")
                            .asText())
                    .isNotEmpty();
            JsonNode task = client.awaitEnd(id, key, Duration.ofSeconds(60));
            assertThat(task.path("status").asText()).isEqualTo("completed");
            assertThat(client.downloadedUrls(id, key)).isEqualTo(urls);
            assertThat(site.requestsFor("/slow/"))
                    .as("requests: the stop waited for every page but the one that takes a minute")
                    .isEqualTo(urls.size() + 1);
            assertThat(client.get("/auth/me", key).path("compute_units_used").asInt())
                    .isEqualTo(5 * urls.size());
            Books.areClosed(service);

            assertThatItStopsAtOnce(service);
            assertThatNothingAlarms(service);
        }
    }

    private static void assertThatItStopsAtOnce(ServiceProcess service) {
        List<ProcessHandle> postgres = service.postgres().stream()
                .flatMap(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
                .toList();
        assertThat(postgres).as("PostgreSQL's processes").isNotEmpty();
        long began = System.nanoTime();

        int status = service.terminate();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(STOP_LIMIT);
        assertThat(status).as("143 is how Java ends on SIGTERM").isIn(0, 143);
        await("PostgreSQL's processes are gone")
                .atMost(Duration.ofSeconds(20))
                .until(() -> postgres.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(service.postgres()).isEmpty();
    }

    private static void assertThatOneSentenceSays(ServiceProcess service, String... parts) {
        assertThat(service.errors().lines().toList())
                .singleElement()
                .asString()
                .startsWith("bactrian: ")
                .contains(parts);
        assertThatNothingAlarms(service);
    }

    private static void assertThatNothingAlarms(ServiceProcess service) {
        assertThat(service.alarms()).isEmpty();
    }
}
