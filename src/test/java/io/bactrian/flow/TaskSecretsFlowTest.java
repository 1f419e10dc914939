package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code custom_headers} and {@code cookies}: who gets them, how they are kept, and how they are shown. */
@ExtendWith(RunningService.class)
class TaskSecretsFlowTest {
    private static final String HEADERS = "{\"Authorization\": \"Bearer t0ken-of-mine\", \"X-Key\": \"ä\"}";
    private static final String COOKIES = "{\"session\": \"s3ssion-of-mine\"}";
    private static final String FOLLOW = "{\"next\": \"a.next\", \"max_pages\": 5}";

    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
    private final MisbehavingOrigin port = MisbehavingOrigin.start();

    TaskSecretsFlowTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSites() {
        site.close();
        port.close();
    }

    @Test
    void nextPagesOfAnotherPortAreFetchedWithoutThem() {
        chainOverBothPorts();

        List<JsonNode> rows = account.rowsOf(withSecrets(site.url("/1")).config("follow", FOLLOW));

        assertThat(rows)
                .extracting(row -> row.path("url").asText())
                .containsExactly(site.url("/1"), port.url("/2"), port.url("/3"), site.url("/4"));
        assertThat(site.requests())
                .filteredOn(request -> !request.target().equals("/robots.txt"))
                .hasSize(2)
                .allSatisfy(TaskSecretsFlowTest::hasSecrets);
        assertThat(port.requests()).hasSizeGreaterThanOrEqualTo(2).allSatisfy(TaskSecretsFlowTest::hasNoSecrets);
    }

    @Test
    void anOriginOfHeadersForGetsThemToo() {
        chainOverBothPorts();

        account.rowsOf(withSecrets(site.url("/1"))
                .config("follow", FOLLOW)
                .config("headers_for", "[\"" + port.url("") + "\"]"));

        hasSecrets(port.requestsFor("/2").getFirst());
        hasSecrets(port.requestsFor("/3").getFirst());
        assertThat(port.requestsFor("/robots.txt")).isNotEmpty().allSatisfy(TaskSecretsFlowTest::hasNoSecrets);
    }

    private void chainOverBothPorts() {
        site.on("/1", linked(port.url("/2"))).on("/4", Behaviours.page("<h1>The end</h1>"));
        port.on("/2", linked("/3")).on("/3", linked(site.url("/4")));
    }

    @Test
    void eachUrlOfABulkTaskIsTrustedForItselfAndARedirectForNothing() {
        site.on("/page", Behaviours.redirect(302, port.url("/moved")));
        port.on("/moved", Behaviours.page("<h1>There</h1>")).on("/own", Behaviours.page("<h1>Own</h1>"));

        account.rowsOf(TaskRequest.bulk(List.of(site.url("/page"), port.url("/own")))
                .config("custom_headers", HEADERS)
                .config("cookies", COOKIES));

        hasSecrets(site.requestsFor("/page").getFirst());
        hasNoSecrets(port.requestsFor("/moved").getFirst());
        hasSecrets(port.requestsFor("/own").getFirst());
    }

    @Test
    void aSitemapCannotSendThemElsewhere() {
        site.on(
                "/index.xml",
                xml("<sitemapindex><sitemap><loc>" + port.url("/more.xml") + "</loc></sitemap></sitemapindex>"));
        port.on(
                        "/more.xml",
                        xml("<urlset><url><loc>" + port.url("/page") + "</loc></url><url><loc>" + site.url("/page")
                                + "</loc></url></urlset>"))
                .on("/page", Behaviours.page("<h1>Page</h1>"))
                .on("/given", Behaviours.page("<h1>Given</h1>"));
        site.on("/page", Behaviours.page("<h1>Page</h1>"));

        List<JsonNode> rows = account.rowsOf(TaskRequest.bulk(List.of(port.url("/given")))
                .config("sitemap_url", "\"" + site.url("/index.xml") + "\"")
                .config("custom_headers", HEADERS)
                .config("cookies", COOKIES));

        assertThat(rows).hasSize(3);
        hasSecrets(site.requestsFor("/index.xml").getFirst());
        hasNoSecrets(port.requestsFor("/more.xml").getFirst());
        hasNoSecrets(port.requestsFor("/page").getFirst());
        hasSecrets(site.requestsFor("/page").getFirst());
        hasSecrets(port.requestsFor("/given").getFirst());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[\"example.com\"] | config.headers_for[0]",
                "[\"https://a.example\", \"https://example.com/path\"] | config.headers_for[1]",
                "[\"https://example.com/?query\"] | config.headers_for[0]",
                "[\"https://user:password@example.com\"] | config.headers_for[0]",
                "[\"https://*.example.com\"] | config.headers_for[0]",
                "[\"ftp://example.com\"] | config.headers_for[0]",
                "[\"https://example.com:0\"] | config.headers_for[0]",
                "[\"\"] | config.headers_for[0]",
                "[5] | config.headers_for[0]",
                "\"https://example.com\" | config.headers_for",
                "[\"https://a.example\", \"https://a.example\"] | config.headers_for",
            })
    void whatIsNoOriginIsRefusedByItsField(String origins, String field) {
        Reply reply = account.post(
                "/tasks",
                withSecrets("http://127.0.0.1/").config("headers_for", origins).json());

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly(field);
    }

    @Test
    void moreOriginsThanTwentyAreRefused() {
        StringBuilder origins = new StringBuilder("[\"https://0.example\"");
        for (int i = 1; i <= 20; i++) {
            origins.append(", \"https://").append(i).append(".example\"");
        }
        Reply reply = account.post(
                "/tasks",
                withSecrets("http://127.0.0.1/")
                        .config("headers_for", origins + "]")
                        .json());

        assertThat(reply.expect(400).fields()).containsExactly("config.headers_for");
    }

    @Test
    void theyAreShownMaskedAndStoredEncrypted() {
        site.on("/page", Behaviours.page("<h1>Page</h1>"));

        JsonNode created = account.post("/tasks", withSecrets(site.url("/page")).json())
                .expect(201)
                .json();
        String id = created.path("id").asText();
        JsonNode ended = account.awaitEnd(id);

        hasSecrets(site.requestsFor("/page").getFirst());
        for (JsonNode shown : List.of(created, ended, account.listed(id))) {
            assertThat(shown.at("/config/custom_headers/Authorization").asText())
                    .isEqualTo("*** (20 characters)");
            assertThat(shown.at("/config/custom_headers/X-Key").asText()).isEqualTo("*** (1 character)");
            assertThat(shown.at("/config/cookies/session").asText()).isEqualTo("*** (15 characters)");
        }
        String stored = service.database()
                .sql("SELECT t::text FROM task t WHERE id = ?")
                .param(UUID.fromString(id))
                .query(String.class)
                .single();
        assertThat(stored).contains("*** (20 characters)").doesNotContain("of-mine", hex("of-mine"));
        assertThat(new String(account.get("/auth/me/export").expect(200).body(), StandardCharsets.ISO_8859_1))
                .doesNotContain("of-mine");
    }

    @Test
    void aRepeatedSubmissionIsAnsweredMaskedAndNothingElseKeepsThem() {
        site.on("/page", Behaviours.page("<h1>Page</h1>"));
        TaskRequest request = withSecrets(site.url("/page"));

        for (int i = 0; i < 2; i++) {
            JsonNode created = account.call("POST", "/tasks")
                    .header("Idempotency-Key", "one")
                    .json(request.json())
                    .send()
                    .expect(201)
                    .json();
            assertThat(created.at("/config/cookies/session").asText()).isEqualTo("*** (15 characters)");
        }

        for (String table : List.of("idempotency_key", "outbox", "task_lane", "task_log", "page_cache")) {
            assertThat(service.database()
                            .sql("SELECT count(*) FROM " + table + " t WHERE t::text LIKE '%of-mine%'")
                            .query(Integer.class)
                            .single())
                    .as(table)
                    .isZero();
        }
    }

    @Test
    void aMaskIsNoValue() {
        Reply reply = account.post(
                "/tasks",
                TaskRequest.simple("http://127.0.0.1/")
                        .config("custom_headers", "{\"Authorization\": \"*** (20 characters)\", \"X-Key\": \"***\"}")
                        .config("cookies", "{\"session\": \"*** (1 character)\"}")
                        .json());

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields())
                .containsExactlyInAnyOrder("config.custom_headers.Authorization", "config.cookies.session");
        assertThat(reply.text()).contains("send the value itself");
    }

    private static TaskRequest withSecrets(String url) {
        return TaskRequest.simple(url).config("custom_headers", HEADERS).config("cookies", COOKIES);
    }

    private static void hasSecrets(MisbehavingOrigin.Request request) {
        assertThat(request.header("authorization")).as(request.line()).isEqualTo("Bearer t0ken-of-mine");
        assertThat(request.header("cookie")).as(request.line()).isEqualTo("session=s3ssion-of-mine");
    }

    private static void hasNoSecrets(MisbehavingOrigin.Request request) {
        assertThat(request.headers()).as(request.line()).doesNotContainKeys("authorization", "x-key", "cookie");
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(character -> hex.append("%02x".formatted(character)));
        return hex.toString();
    }

    private static MisbehavingOrigin.Behaviour linked(String next) {
        return Behaviours.page("<h1>A page</h1><a class=next href='" + next + "'>next</a>");
    }

    private static MisbehavingOrigin.Behaviour xml(String content) {
        return Behaviours.body("application/xml", Behaviours.utf8("<?xml version='1.0'?>" + content));
    }
}
