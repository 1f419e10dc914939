package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SamplePlace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Searches for places over HTTP, with Chromium at a map that behaves like Google's. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobsFlowTest {
    private static final List<String> DOCUMENTED = List.of(
            "placeName",
            "url",
            "category",
            "totalReviewScore",
            "reviewCount",
            "priceLevel",
            "phoneNumber",
            "website",
            "address",
            "coordinates",
            "permanentlyClosed",
            "temporarilyClosed",
            "canBeClaimed",
            "countryCode",
            "placeId",
            "scrapedAt",
            "openingHours",
            "images",
            "plusCode",
            "reviews");

    private final Service service;
    private final SampleMap map;

    JobsFlowTest(Service service, SampleMap map) {
        this.service = service;
        this.map = map;
    }

    private static String search(String terms, String more) {
        return "{\"searchTerms\": \"%s\", \"location\": \"Here\"%s}".formatted(terms, more);
    }

    private static List<JsonNode> results(JsonNode job) {
        List<JsonNode> results = new ArrayList<>();
        job.path("results").forEach(results::add);
        return results;
    }

    private static Set<String> ids(JsonNode job) {
        return results(job).stream()
                .map(place -> place.path("placeId").asText())
                .collect(Collectors.toSet());
    }

    /** That all places of the map are found so is for {@code GoogleMapsProviderTest} to see. */
    @Test
    void aSearchForMorePlacesThanAListHasFindsEachOnceOverScrollingAndParts() {
        int places = SampleMap.MOST_RESULTS + 20;
        Account account = service.register().withCredits(500);
        String id = account.search(search("coffee", ", \"maxResults\": %d, \"reviews\": false".formatted(places)));

        JsonNode job = account.awaitJob(id);

        assertThat(job.path("status").asText()).as(job.path("error").asText()).isEqualTo("completed");
        assertThat(map.places("coffee").stream().map(SamplePlace::placeId).collect(Collectors.toSet()))
                .containsAll(ids(job));
        assertThat(results(job)).hasSize(places);
        assertThat(ids(job)).hasSize(places);
        assertThat(job.path("credits_used").asInt()).isEqualTo(places);
        assertThat(account.credits()).isEqualTo(600 - places);
    }

    @Test
    void everyResultHasTheDocumentedFields() {
        Account account = service.register();
        String id = account.search(search("coffee", ", \"maxResults\": 25"));

        JsonNode job = account.awaitJob(id);

        assertThat(results(job)).hasSize(25).allSatisfy(place -> {
            assertThat(place.fieldNames()).toIterable().containsAll(DOCUMENTED);
            assertThat(place.path("reviews").isArray()).isTrue();
        });
        assertThat(account.credits()).isEqualTo(75);
        JsonNode part = account.get("/scrape/jobs/" + id + "?resultsLimit=5&resultsOffset=22")
                .expect(200)
                .json();
        assertThat(part.at("/job/results")).hasSize(3);
        assertThat(part.at("/job/result_count").asInt()).isEqualTo(25);
    }

    @Test
    void onlyPlacesOfTheRatingAndCategoriesAreFoundAndPaidFor() {
        Account account = service.register().withCredits(500);
        List<SamplePlace> wanted = map.places("bakery").stream()
                .filter(place -> place.rating() != null && place.rating() >= 4.3)
                .toList();
        String id = account.search(search("bakery", ", \"maxResults\": 500, \"minRating\": 4.3"));

        JsonNode job = account.awaitJob(id);

        assertThat(wanted).isNotEmpty();
        assertThat(ids(job)).isEqualTo(wanted.stream().map(SamplePlace::placeId).collect(Collectors.toSet()));
        assertThat(job.path("credits_used").asInt()).isEqualTo(wanted.size());
        String category = results(job).getFirst().path("category").asText();
        String other = account.search(search(
                "bakery",
                ", \"maxResults\": 5, \"categories\": [\"%s\"]".formatted(category.toUpperCase(Locale.ROOT))));
        assertThat(results(account.awaitJob(other)))
                .isNotEmpty()
                .allSatisfy(
                        place -> assertThat(place.path("categories").toString()).contains(category));
    }

    @Test
    void aMapThatTakesUsForARobotFailsTheJobWhichCostsNothing() {
        Account account = service.register();

        JsonNode job = account.awaitJob(account.search(search("blocked", ", \"maxResults\": 10")));

        assertThat(job.path("status").asText()).isEqualTo("failed");
        assertThat(job.path("error").asText()).isNotBlank();
        assertThat(job.path("credits_used").asInt()).isZero();
        assertThat(account.credits()).isEqualTo(100);
    }

    @Test
    void oneHitAndNoneAreResultsToo() {
        Account account = service.register();

        JsonNode one = account.awaitJob(account.search(search("lighthouse", "")));
        JsonNode none = account.awaitJob(account.search(search("unicorn", "")));

        assertThat(one.path("result_count").asInt()).isEqualTo(1);
        assertThat(none.path("status").asText()).isEqualTo("completed");
        assertThat(none.path("result_count").asInt()).isZero();
        assertThat(account.credits()).isEqualTo(99);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}                                                                     | searchTerms and location are required
                    {"searchTerms": "a"}                                                   | searchTerms and location are required
                    {"searchTerms": "a", "location": "  "}                                 | searchTerms and location are required
                    {"searchTerms": "a", "location": "b", "maxResults": 0}                 | maxResults must be a whole number from 1 to 500
                    {"searchTerms": "a", "location": "b", "maxResults": 501}               | maxResults must be a whole number from 1 to 500
                    {"searchTerms": "a", "location": "b", "maxResults": "ten"}             | maxResults must be a whole number from 1 to 500
                    {"searchTerms": "a", "location": "b", "minRating": 6}                  | minRating must be a number from 0 to 5
                    {"searchTerms": "a", "location": "b", "language": "../x"}              | language must be a language tag such as en or pt-BR
                    {"searchTerms": "a", "location": "b", "colour": "red"}                 | colour is not a known field
                    {"searchTerms": "a", "location": "b", "provider": "bing"}              | provider must be one of google-maps, openstreetmap
                    {"searchTerms": "a", "location": "b", "enrich": ["phones"]}            | enrich must be a list of these: emails
                    {"searchTerms": "a", "location": "b", "provider": "openstreetmap", "minRating": 4} | minRating cannot be used with openstreetmap, which has no ratings
                    """)
    void aSearchThatCannotBeMeantIsRefusedInWords(String body, String error) {
        Reply reply =
                service.register().post("/scrape", TaskRequest.parse(body)).expect(400);

        assertThat(reply.json().path("error").asText()).isEqualTo(error);
    }

    @Test
    void moreThanTheAccountHasIsRefusedAsDocumented() {
        Reply reply = service.register()
                .post("/scrape", TaskRequest.parse(search("coffee", ", \"maxResults\": 101")))
                .expect(402);

        assertThat(reply.json())
                .isEqualTo(TaskRequest.parse(
                        "{\"error\": \"Insufficient credits\", \"creditsRequired\": 101, \"creditsAvailable\": 100}"));
    }

    @Test
    void aJobIsCancelledThenDeletedThenUnknown() {
        Account account = service.register().withCredits(500);
        String id = account.search(search("coffee", ", \"maxResults\": 500"));

        assertThat(account.delete("/scrape/jobs/" + id)
                        .expect(200)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("cancelled");
        JsonNode job = account.job(id);
        assertThat(job.path("status").asText()).isEqualTo("cancelled");
        assertThat(account.credits()).isEqualTo(600 - job.path("result_count").asInt());
        assertThat(account.get("/scrape/jobs/" + id + "/export/csv")
                        .expect(400)
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("Job is not completed");
        assertThat(account.delete("/scrape/jobs/" + id)
                        .expect(200)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("deleted");
        assertThat(account.get("/scrape/jobs/" + id)
                        .expect(404)
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("Job not found");
    }

    @Test
    void jobsAreListedNewestFirstInPagesAndInTheProfile() {
        Account account = service.register();
        List<String> ids = Stream.generate(() -> account.search(search("unicorn", ", \"maxResults\": 1")))
                .limit(3)
                .toList();
        ids.forEach(account::awaitJob);

        JsonNode page =
                account.get("/scrape/jobs?limit=2&status=completed").expect(200).json();

        assertThat(page.at("/jobs/0/id").asText()).isEqualTo(ids.getLast());
        assertThat(page.path("jobs")).hasSize(2);
        assertThat(page.path("pagination"))
                .isEqualTo(TaskRequest.parse("{\"page\": 1, \"limit\": 2, \"total\": 3, \"hasMore\": true}"));
        assertThat(account.get("/scrape/jobs?status=failed")
                        .expect(200)
                        .json()
                        .at("/pagination/total")
                        .asInt())
                .isZero();
        JsonNode profile = account.get("/auth/me").expect(200).json();
        assertThat(profile.path("jobCount").asInt()).isEqualTo(3);
        assertThat(profile.at("/recentJobs/0/id").asText()).isEqualTo(ids.getLast());
    }

    @Test
    void aJobIsFollowedByItsEvents() {
        Account account = service.register();
        String id = account.search(search("coffee", ", \"maxResults\": 5, \"reviews\": false"));

        List<String> lines = account.call("GET", "/scrape/jobs/" + id + "/events")
                .lines()
                .body()
                .toList();

        assertThat(lines.getFirst()).isEqualTo("event: progress");
        assertThat(lines).contains("event: end");
        JsonNode end =
                TaskRequest.parse(lines.get(lines.indexOf("event: end") + 1).substring("data: ".length()));
        assertThat(end.path("status").asText()).isEqualTo("completed");
        assertThat(end.path("progress").asInt()).isEqualTo(100);
    }

    @Test
    void aCompletedJobIsExportedInEveryFormat() {
        Account account = service.register();
        String id = account.search(search("coffee", ", \"maxResults\": 12"));
        account.awaitJob(id);

        for (String format : List.of("json", "csv", "xlsx", "hubspot", "salesforce", "pipedrive", "zoho")) {
            Reply reply =
                    account.get("/scrape/jobs/" + id + "/export/" + format).expect(200);
            String extension = List.of("json", "xlsx").contains(format) ? format : "csv";
            assertThat(reply.header("Content-Disposition"))
                    .contains("attachment; filename=\"" + id + "." + extension + "\"");
            assertThat(reply.body()).isNotEmpty();
        }
        assertThat(account.get("/scrape/jobs/" + id + "/export/json").json()).hasSize(12);
        String hubspot =
                new String(account.get("/scrape/jobs/" + id + "/export/hubspot").body(), StandardCharsets.UTF_8);
        assertThat(hubspot)
                .contains("First Name,Last Name,Phone,Website,Company,StreetAddress,City,State,Zip,Country,Rating\r\n");
        assertThat(account.get("/scrape/jobs/" + id + "/export/pdf")
                        .expect(400)
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("Invalid format. Allowed: json, csv, xlsx, hubspot, salesforce");
    }

    @Test
    void aFileIsSentToTheClientsEndpointSignedAndAgainUntilItIsTaken() throws IOException, GeneralSecurityException {
        Account account = service.register();
        String id = account.search(search("coffee", ", \"maxResults\": 3, \"reviews\": false"));
        account.awaitJob(id);
        String secret = account.get("/webhooks/signing-secret")
                .expect(200)
                .json()
                .path("secret")
                .asText();
        List<Map<String, List<String>>> headers = new CopyOnWriteArrayList<>();
        List<byte[]> bodies = new CopyOnWriteArrayList<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(RunningService.RECEIVER, 0), 0);
        receiver.createContext("/leads", exchange -> {
            headers.add(Map.copyOf(exchange.getRequestHeaders()));
            bodies.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(bodies.size() == 1 ? 503 : 204, -1);
            exchange.close();
        });
        receiver.start();
        try {
            String url = "http://%s:%d/leads"
                    .formatted(RunningService.RECEIVER, receiver.getAddress().getPort());
            Reply queued = account.post(
                            "/scrape/jobs/" + id + "/export/hubspot/deliver",
                            TaskRequest.parse("{\"url\": \"%s\"}".formatted(url)))
                    .expect(200);
            assertThat(queued.json().path("status").asText()).isEqualTo("queued");

            JsonNode delivery = await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> account.get("/scrape/jobs/" + id + "/deliveries")
                                    .expect(200)
                                    .json()
                                    .at("/deliveries/0"),
                            found -> found.path("status").asText().equals("delivered"));

            assertThat(delivery.path("id")).isEqualTo(queued.json().path("deliveryId"));
            assertThat(delivery.path("event").asText()).isEqualTo("export.hubspot");
            assertThat(delivery.at("/attempts/0/statusCode").asInt()).isEqualTo(503);
            assertThat(delivery.at("/attempts/1/statusCode").asInt()).isEqualTo(204);
        } finally {
            receiver.stop(0);
        }
        byte[] exported = account.get("/scrape/jobs/" + id + "/export/hubspot").body();
        assertThat(bodies).hasSize(2).allSatisfy(body -> assertThat(body).isEqualTo(exported));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(exported);
        String expected = "sha256=" + HexFormat.of().formatHex(digest.digest(secret.getBytes(StandardCharsets.UTF_8)));
        assertThat(headers).allSatisfy(sent -> {
            assertThat(sent.get("X-webhook-signature")).containsExactly(expected);
            assertThat(sent.get("Webhook-id")).isEqualTo(headers.getFirst().get("Webhook-id"));
        });
    }

    @Test
    void aClosedAccountTakesItsJobsInAnArchiveAndLeavesNone() throws IOException {
        Account account = service.register();
        String id = account.search(search("lighthouse", ", \"maxResults\": 1"));
        account.awaitJob(id);
        long number = Long.parseLong(id.substring("job_".length()));

        Map<String, String> archive = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(
                account.get("/auth/me/export").expect(200).body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                archive.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        account.delete("/auth/me").expect(200);

        assertThat(archive.get("jobs/" + id + "/job.json")).contains("lighthouse");
        assertThat(archive.get("jobs/" + id + "/places.jsonl")).contains("placeId");
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            for (String table : List.of("job WHERE id", "job_place WHERE job_id", "job_visit WHERE job_id")) {
                assertThat(service.database()
                                .sql("SELECT count(*) FROM " + table + " = ?")
                                .param(number)
                                .query(Long.class)
                                .single())
                        .as(table)
                        .isZero();
            }
        });
    }

    @Test
    void aFileIsNotSentToAForbiddenAddressNorWithoutTls() {
        Account account = service.register();
        String id = account.search(search("unicorn", ", \"maxResults\": 1"));
        account.awaitJob(id);

        for (String url :
                List.of("https://127.0.0.1/", "https://169.254.169.254/", "http://example.com/", "nonsense")) {
            account.post(
                            "/scrape/jobs/" + id + "/export/csv/deliver",
                            TaskRequest.parse("{\"url\": \"%s\"}".formatted(url)))
                    .expect(400);
        }
    }
}
