package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever answers, and whatever, browsers are told not to misuse it. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecurityHeadersTest {
    private static final Map<String, String> EVERYWHERE = Map.of(
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");

    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    SecurityHeadersTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterAll
    void closeSite() {
        site.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /health, 200",
        "GET, /tasks, 200",
        "GET, /openapi/selextract.json, 200",
        "POST, /tasks, 400",
        "DELETE, /auth/api-keys/999999999999, 404",
        "GET, /nothing, 404",
        "GET, /webjars%2F, 400",
        "DELETE, /tasks, 405",
        "HEAD, /nothing, 404",
        "OPTIONS, /tasks, 405",
        "GET, /admin/system-metrics, 403",
    })
    void anAnswerOfTheApiIsDataAndNothingElse(String method, String path, int status) {
        assertIsData(account.call(method, path).send().expect(status));
    }

    @Test
    void anAnswerToWhoeverHasNoCredentialToo() {
        assertIsData(service.call("GET", "/tasks").send().expect(401));
        assertIsData(service.call("GET", "/auth/me").send().expect(401));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET tasks HTTP/1.1", "GET /tasks?status={x} HTTP/1.1", "GET /tasks HTTP/9.9"})
    void anAnswerToWhatIsNotHttpToo(String line) {
        assertIsData(RawHttp.send(service, line, "Host: localhost", "Connection: close"));
    }

    @Test
    void aStreamToo() {
        site.on("/ok", Behaviours.page("<h1>Fine</h1>"));
        String id = account.create(TaskRequest.simple(site.url("/ok")));
        account.awaitEnd(id);

        assertIsData(account.get("/tasks/" + id + "/download").expect(200));
        assertIsData(account.get("/tasks/" + id + "/events").expect(200));
    }

    private static void assertIsData(Reply reply) {
        assertHasWhatIsEverywhere(reply);
        assertThat(reply.header("Content-Security-Policy")).isEqualTo("default-src 'none'; frame-ancestors 'none'");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/documentation/docs.js", "/documentation/docs.css", "/documentation/index.html"})
    void aPageMayLoadItsOwnScriptsAndNobodyElses(String path) {
        Reply reply = account.get(path).expect(200);

        assertHasWhatIsEverywhere(reply);
        assertThat(reply.header("Content-Security-Policy"))
                .contains("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'")
                .doesNotContain("script-src", "*", "http");
        assertThat(reply.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    }

    @ParameterizedTest
    @CsvSource({"/actuator/health, 200", "/actuator/info, 200", "/actuator/nothing, 404", "/, 404"})
    void theManagementPortSendsThemToo(String path, int status) {
        assertIsData(service.management(path).expect(status));
    }

    private static void assertHasWhatIsEverywhere(Reply reply) {
        EVERYWHERE.forEach((name, value) ->
                assertThat(reply.header(name)).as(name + " of " + reply.text()).isEqualTo(value));
        assertThat(reply.header("Strict-Transport-Security"))
                .as("by plain HTTP")
                .isNull();
        for (String telling : new String[] {"Server", "X-Powered-By"}) {
            assertThat(reply.header(telling)).as(telling).isNull();
        }
    }
}
