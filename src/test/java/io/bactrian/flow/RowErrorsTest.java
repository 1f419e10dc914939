package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.TestFork;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A page that cannot be had is a row that says why. */
@ExtendWith(RunningService.class)
class RowErrorsTest {
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    RowErrorsTest(Service service) {
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void everyKindOfFailureHasItsCode() {
        site.on("/ok", Behaviours.page("<h1>Fine</h1>"))
                .on("/gone", Behaviours.status(410))
                .on("/down", Behaviours.status(500))
                .on("/loop", Behaviours.redirect(302, "/loop"))
                .on("/inwards", Behaviours.redirect(302, "http://10.0.0.1/"))
                .on("/silent", Behaviours.silence())
                .on("/drip", Behaviours.slowDrip())
                .on("/image", Behaviours.body("image/png", new byte[] {1, 2, 3}))
                .on("/json", Behaviours.body("application/json", Behaviours.utf8("{}")))
                .on("/endless", Behaviours.endlessBody())
                .on("/bomb", Behaviours.gzipBomb(11))
                .on("/hang-up", Behaviours.hangUp());
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put(site.url("/ok"), "");
        expected.put("http://127.0.0.1:" + TestFork.freePort() + "/", "connection_refused");
        expected.put("http://nowhere.invalid/", "dns_failure");
        expected.put(site.url("/gone"), "http_4xx");
        expected.put(site.url("/down"), "http_5xx");
        expected.put(site.url("/loop"), "too_many_redirects");
        expected.put("http://10.0.0.1/", "egress_refused");
        expected.put("http://[::1]/", "egress_refused");
        expected.put("http://169.254.169.254/latest/meta-data/", "egress_refused");
        expected.put(site.url("/inwards"), "egress_refused");
        expected.put(site.url("/silent"), "timeout");
        expected.put(site.url("/drip"), "timeout");
        expected.put(site.url("/image"), "not_html");
        expected.put(site.url("/json"), "not_html");
        expected.put(site.url("/endless"), "too_large");
        expected.put(site.url("/bomb"), "too_large");
        expected.put(site.url("/hang-up"), "connection_reset");
        expected.put("https://127.0.0.1:" + site.port() + "/ok", "tls_error");

        List<JsonNode> rows = account.rowsOf(TaskRequest.bulk(List.copyOf(expected.keySet()))
                .config("timeout", "1")
                .config("retry_attempts", "0")
                .config("parallel_requests", "8")
                .config("batch_size", "1"));

        Map<String, String> actual = new LinkedHashMap<>();
        rows.forEach(row -> actual.put(
                row.path("url").asText(), row.path("error").path("code").asText()));
        assertThat(actual).containsExactlyEntriesOf(expected);
        assertThat(rows).allSatisfy(row -> {
            boolean failed = !row.path("error").isNull();
            assertThat(row.path("data").isNull()).isEqualTo(failed);
            if (failed) {
                assertThat(row.path("error").path("message").asText())
                        .isNotBlank()
                        .doesNotContain("Exception", "org.", "java.");
            }
        });
    }

    @Test
    void aRedirectThatIsNotFollowedIsARowWithStatusAndLocation() {
        site.on("/moved", Behaviours.redirect(302, "/elsewhere"));

        JsonNode row = account.rowsOf(TaskRequest.simple(site.url("/moved")).config("follow_redirects", "false"))
                .getFirst();

        assertThat(row.path("error").path("code").asText()).isEqualTo("http_3xx");
        assertThat(row.path("error").path("message").asText()).contains("302", "/elsewhere");
        assertThat(site.requestsFor("/elsewhere")).isEmpty();
    }

    @Test
    void robotsTxtIsRespectedUnlessTheTaskSaysOtherwise() throws IOException {
        try (ServerSocket listener = listenerOnAnAddressOfItsOwn();
                MisbehavingOrigin shop = MisbehavingOrigin.start(listener)) {
            shop.on(
                            "/robots.txt",
                            Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private\n")))
                    .on("/private", Behaviours.page("<h1>Secret</h1>"))
                    .on("/public", Behaviours.page("<h1>Open</h1>"));
            String origin = "http://" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();

            List<JsonNode> rows = account.rowsOf(TaskRequest.simple(origin + "/private", origin + "/public"));
            assertThat(rows.get(0).path("error").path("code").asText()).isEqualTo("robots_disallowed");
            assertThat(rows.get(1).path("data").path("title").asText()).isEqualTo("Open");
            assertThat(shop.requestsFor("/private")).isEmpty();

            rows = account.rowsOf(TaskRequest.simple(origin + "/private").config("respect_robots_txt", "false"));
            assertThat(rows.getFirst().path("data").path("title").asText()).isEqualTo("Secret");
        }
    }

    /** What a robots.txt says is remembered for long, and a port of another test's site may come again. */
    private static ServerSocket listenerOnAnAddressOfItsOwn() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 77, 0, 1}));
    }

    /** The parser's message has the page's NUL in it. */
    @Test
    void aPageWhoseErrorHasANulIsARowAndTheLaneGoesOn() {
        site.on("/nul", Behaviours.body("application/json", Behaviours.utf8("a\0b")))
                .on("/half", Behaviours.body("application/json", Behaviours.utf8("{\"name\": \"a\\u0000\\ud83d\"}")))
                .on("/whole", Behaviours.body("application/json", Behaviours.utf8("{\"name\": \"Ada\"}")));

        String task = account.create(TaskRequest.bulk(List.of(site.url("/nul"), site.url("/half"), site.url("/whole")))
                .config("parallel_requests", "1")
                .config("selectors", "{\"name\": {\"selector\": \"$.name\", \"type\": \"jsonpath\"}}"));
        account.awaitEnd(task);

        List<JsonNode> rows = account.rows(task);
        assertThat(rows.get(0).path("error").path("code").asText()).isEqualTo("extraction_failed");
        assertThat(rows.get(1).path("data").path("name").asText()).isEqualTo("a\ufffd\ufffd");
        assertThat(rows.get(2).path("data").path("name").asText()).isEqualTo("Ada");
        assertThat(account.get("/tasks/" + task + "/logs").expect(200).json().path("logs"))
                .anySatisfy(entry -> assertThat(entry.path("message").asText()).contains("Page 1", "\ufffd"));
    }

    @Test
    void aPageThatCannotBeReadIsAnExtractionFailure() {
        site.on("/broken", Behaviours.body("application/json", Behaviours.utf8("{\"name\": ")))
                .on("/whole", Behaviours.body("application/json", Behaviours.utf8("{\"name\": \"Ada\"}")));

        List<JsonNode> rows = account.rowsOf(TaskRequest.simple(site.url("/broken"), site.url("/whole"))
                .config("selectors", "{\"name\": {\"selector\": \"$.name\", \"type\": \"jsonpath\"}}"));

        assertThat(rows.get(0).path("error").path("code").asText()).isEqualTo("extraction_failed");
        assertThat(rows.get(1).path("data").path("name").asText()).isEqualTo("Ada");
    }
}
