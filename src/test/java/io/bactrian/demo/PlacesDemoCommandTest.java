package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.bactrian.TestFork;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newcomer's search, with a service that answers as the API's description says. */
class PlacesDemoCommandTest {
    private static final String REGISTERED = """
            {"token": "t", "apiKey": "msk_1", "user": {"id": 1, "credits": 100}}""";
    private static final String EVENTS = """
            event: progress
            data: {"job_id":"job_7","status":"running","progress":50,"result_count":30,"max_results":60}

            event: end
            data: %s

            """;
    private static final String COMPLETED = """
            {"id":"job_7","status":"completed","result_count":60,"credits_used":60,"error":null,"warning":null}""";
    private static final String CSV = """
            place_name,category,rating,url,review_count,price_level,phone\r
            "The ""Quiet"" Cup",Coffee shop,4.6,http://map/1,12,2,+44 113 496 0001\r
            """;

    private static SampleMap map;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private HttpServer server;

    @BeforeAll
    static void open() {
        map = SampleMap.open(0);
    }

    @AfterAll
    static void close() {
        map.close();
    }

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void showsThePlacesAndWhereTheyAre() throws Exception {
        answer(Map.of(
                "/auth/register",
                REGISTERED,
                "/scrape",
                "{\"jobId\": \"job_7\", \"status\": \"queued\"}",
                "/scrape/jobs/job_7/events",
                EVENTS.formatted(COMPLETED),
                "/scrape/jobs/job_7/export/csv",
                CSV,
                "/scrape/jobs/job_7/export/xlsx",
                "a workbook",
                "/scrape/jobs/job_7/export/hubspot",
                "First Name,Last Name\r\n"));

        command(service()).run(true);

        assertThat(written.toString(UTF_8).lines().map(String::strip))
                .contains(
                        "Submitted job_7: up to 60 places for \"coffee\" in Marlhaven",
                        "50 %  30 of 60 places",
                        "100 %  60 of 60 places",
                        "The first 1 of 1 rows:",
                        "The \"Quiet\" Cup  Coffee shop     4.6            12  +44 113 496 0001",
                        "For HubSpot    " + directory.resolve("hubspot.csv"));
        assertThat(directory.resolve("places.csv")).hasContent(CSV);
        assertThat(Files.readString(directory.resolve("places.xlsx"))).isEqualTo("a workbook");
    }

    @Test
    void aStreamOfEventsThatBreaksOffIsNoHarm() {
        answer(Map.of(
                "/auth/register",
                REGISTERED,
                "/scrape",
                "{\"jobId\": \"job_7\", \"status\": \"queued\"}",
                "/scrape/jobs/job_7/events",
                "event: progress\ndata: {\"result_count\":3}\n\n",
                "/scrape/jobs/job_7",
                "{\"job\": " + COMPLETED + "}",
                "/scrape/jobs/job_7/export/",
                CSV));

        command(service()).run(true);

        assertThat(written.toString(UTF_8)).contains("60 places for 60 credits");
    }

    @Test
    void aJobThatFailsIsSaidWithItsReason() {
        answer(Map.of(
                "/auth/register",
                REGISTERED,
                "/scrape",
                "{\"jobId\": \"job_7\", \"status\": \"queued\"}",
                "/scrape/jobs/job_7/events",
                EVENTS.formatted("{\"status\":\"failed\",\"error\":\"The map asks for a captcha.\"}")));

        assertThatThrownBy(() -> command(service()).run(true))
                .isInstanceOf(DemoException.class)
                .hasMessage("The job ended as failed: The map asks for a captcha.");
    }

    @Test
    void aServiceThatIsNotThereIsSaidInOneSentence() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:" + TestFork.freePort() + "/");
        assertThatThrownBy(() -> command(nobody).run(true))
                .isInstanceOf(DemoException.class)
                .hasMessage("The service at %s does not answer: start it with ./bactrian up, or look into its log."
                        .formatted(nobody));
    }

    private void answer(Map<String, String> bodies) {
        bodies.forEach((path, body) -> server.createContext(path, exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] bytes = body.getBytes(UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        }));
    }

    private URI service() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private PlacesDemoCommand command(URI service) {
        return new PlacesDemoCommand(service, map, directory, new PrintStream(written, true, UTF_8), false);
    }
}
