package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.api.contract.RequestValidator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no operation will take: wrong paths, methods, media types, sizes, credentials and permissions. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedRequestsTest {
    private static final String UNKNOWN = "7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d";
    private static final int TOO_MUCH = (16 << 20) + 1;
    private static final int TOO_MUCH_WITHOUT_CREDENTIALS = (64 << 10) + 1;

    private final Service service;
    private final Account account;

    RefusedRequestsTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nothing",
                "/TASKS",
                "/tasks/1/2",
                "/tasks/1/logs/2",
                "/tasks;a=b",
                "/api-keys/1/2",
                "/auth",
                "/error",
                "/actuator/health",
                "/openapi/other.json",
                "/documentation/nothing.js",
                "/webjars/nothing.js",
                "/billing/nothing"
            })
    void anUnknownPathIsNotFoundInSelextractsShape(String path) {
        account.get(path).assertSelextractError(404, "resource_not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/scrape/x", "/scrape/jobs/job_1/x", "/credits/x", "/webhooks/1/x", "/scheduled", "/auth/login/x"
            })
    void anUnknownPathOfMapscraperIsNotFoundInItsShape(String path) {
        account.get(path).assertMapscraperError(404);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, ''",
        "PUT, ''",
        "DELETE, ''",
        "GET, /logs",
        "GET, /download",
        "GET, /events",
    })
    void anIdOfNothingIsNotFound(String method, String rest) {
        for (String id : List.of(
                UNKNOWN, UNKNOWN.toUpperCase(Locale.ROOT), "123", "..", "'--", "%F0%9F%90%AB", "x".repeat(500))) {
            Call call = account.call(method, "/tasks/" + id + rest);
            Reply reply = (method.equals("PUT") ? call.text("application/json", "{\"name\": \"x\"}") : call).send();
            reply.assertSelextractError(404, "resource_not_found");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {UNKNOWN, "1", "nonsense", "%20"})
    void anApiKeyOfNothingIsNotFound(String id) {
        account.delete("/api-keys/" + id).assertSelextractError(404, "resource_not_found");
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /tasks, 'GET, POST'",
        "DELETE, /tasks, 'GET, POST'",
        "OPTIONS, /tasks, 'GET, POST'",
        "POST, /tasks/1, 'DELETE, GET, PUT'",
        "POST, /tasks/1/logs, GET",
        "PUT, /tasks/1/download, GET",
        "DELETE, /tasks/1/events, GET",
        "PUT, /api-keys, 'GET, POST'",
        "GET, /api-keys/1, DELETE",
        "POST, /auth/me, 'DELETE, GET, PUT'",
        "DELETE, /docs, GET",
        "POST, /openapi/selextract.json, GET",
        "BREW, /tasks, 'GET, POST'",
    })
    void aMethodThatAPathLacksIsRefusedWithThoseItHas(String method, String path, String allowed) {
        Reply reply = account.call(method, path).send();

        reply.assertSelextractError(405, "method_not_allowed");
        assertAllowed(reply, allowed);
    }

    @ParameterizedTest
    @CsvSource({"GET, /auth/register, POST", "DELETE, /auth/login, POST", "PATCH, /auth/login, POST"})
    void mapscraperRefusesMethodsInItsOwnShape(String method, String path, String allowed) {
        Reply reply = account.call(method, path).send();

        reply.assertMapscraperError(405);
        assertAllowed(reply, allowed);
    }

    private static void assertAllowed(Reply reply, String allowed) {
        assertThat(String.valueOf(reply.header("Allow")).split(", ")).containsExactlyInAnyOrder(allowed.split(", "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/json",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/json; charset=utf-16",
                "application/json; charset=nonsense",
                "json",
                "application/*"
            })
    void aMediaTypeOtherThanJsonIsRefused(String type) {
        String task = TaskRequest.simple("http://10.0.0.1/").json().toString();
        account.call("POST", "/tasks").text(type, task).send().assertSelextractError(415, "unsupported_media_type");
        account.call("PUT", "/tasks/" + UNKNOWN)
                .text(type, "{\"name\": \"x\"}")
                .send()
                .assertSelextractError(415, "unsupported_media_type");
        account.call("POST", "/api-keys")
                .text(type, "{\"name\": \"x\"}")
                .send()
                .assertSelextractError(415, "unsupported_media_type");
        account.call("POST", "/auth/login").text(type, "{}").send().assertMapscraperError(415);
    }

    @ParameterizedTest
    @MethodSource("withBody")
    void jsonThatIsNotDeclaredIsRefusedByEveryOperationWithABody(Operation operation) {
        String path = operation.path().replaceAll("\\{[^}]*}", "1");

        Reply reply = service.administrator()
                .call(operation.method(), path)
                .bytes("{}".getBytes(StandardCharsets.UTF_8))
                .send();

        assertThat(reply.status()).as(reply.text()).isEqualTo(415);
        assertThat(reply.text()).contains("Content-Type: application/json");
    }

    static Stream<Operation> withBody() {
        Contract contract = new Contract();
        RequestValidator validator = new RequestValidator(contract);
        // A signed body is for its signature to accept, and the sandbox's pages send forms.
        return contract.operations().stream()
                .filter(validator::takesBody)
                .filter(operation -> !operation.signed() && !operation.path().startsWith("/sandbox/"));
    }

    @Test
    void whereThereIsNoBodyNoneIsDeclared() {
        account.call("POST", "/tasks").send().assertSelextractError(400, "validation_error");
        account.call("POST", "/auth/login").send().assertMapscraperError(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=UTF-8", "Application/JSON"})
    void jsonMayBeDeclaredInAnyOfItsSpellings(String type) {
        account.call("POST", "/api-keys").text(type, "{\"name\": \"x\"}").send().expect(201);
    }

    @Test
    void aBodyThatIsAnnouncedAsTooLargeIsRefusedUnread() {
        Reply reply = RawHttp.send(
                service,
                "POST /tasks HTTP/1.1",
                "Host: localhost",
                "Authorization: Bearer " + account.token(),
                "Content-Type: application/json",
                "Content-Length: " + TOO_MUCH);

        reply.assertHasWhatEveryAnswerHas();
        reply.assertSelextractError(413, "payload_too_large");
        Reply open = RawHttp.send(
                service,
                "POST /auth/login HTTP/1.1",
                "Host: localhost",
                "Content-Length: " + TOO_MUCH_WITHOUT_CREDENTIALS);
        open.assertMapscraperError(413);
        assertThat(open.text()).contains("larger than 64 KB");
    }

    @Test
    void aChunkedBodyThatTurnsOutTooLargeIsRefused() {
        String megabyte = "100000\r\n" + " ".repeat(1 << 20) + "\r\n";
        String head = """
                POST %s HTTP/1.1
                Host: localhost
                Authorization: Bearer %s
                Content-Type: application/json
                Transfer-Encoding: chunked

                1
                {
                """;
        byte[] chunk = megabyte.getBytes(StandardCharsets.US_ASCII);

        Reply reply =
                RawHttp.send(service, head.formatted("/tasks", account.token()).replace("\n", "\r\n"), chunk, 17);
        reply.assertHasWhatEveryAnswerHas();
        reply.assertSelextractError(413, "payload_too_large");
        byte[] small = ("10000\r\n" + " ".repeat(1 << 16) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        RawHttp.send(service, head.formatted("/auth/register", "").replace("\n", "\r\n"), small, 1)
                .assertMapscraperError(413);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /tasks",
        "GET, /tasks",
        "GET, /tasks/1",
        "PUT, /tasks/1",
        "DELETE, /tasks/1",
        "GET, /tasks/1/logs",
        "GET, /tasks/1/download",
        "GET, /tasks/1/events",
        "GET, /api-keys",
        "POST, /api-keys",
        "DELETE, /api-keys/1",
        "GET, /analytics/usage",
        "GET, /analytics/dashboard",
        "GET, /admin/system-metrics",
    })
    void anOperationNeedsACredential(String method, String path) {
        service.call(method, path).send().assertSelextractError(401, "authentication_error");
        for (String authorization : List.of(
                "Basic dXNlcjpwYXNzd29yZA==",
                "Bearer",
                "Bearer nonsense",
                "Bearer a.b.c",
                "Bearer sk_prod_" + "a".repeat(40),
                "Bearer msk_" + "a".repeat(40),
                "Bearer sk_" + "a".repeat(5_000),
                "Bearer " + account.token() + "x",
                account.token())) {
            service.call(method, path)
                    .header("Authorization", authorization)
                    .send()
                    .assertSelextractError(401, "authentication_error");
        }
        for (String key : List.of("nonsense", "sk_test_x", "msk_", account.token())) {
            service.call(method, path)
                    .header("X-API-Key", key)
                    .send()
                    .assertSelextractError(401, "authentication_error");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /tasks, tasks:create, tasks:read",
        "GET, /tasks, tasks:read, tasks:create",
        "GET, /tasks/1, tasks:read, keys:manage",
        "PUT, /tasks/1, tasks:update, tasks:create",
        "DELETE, /tasks/1, tasks:delete, tasks:update",
        "GET, /tasks/1/logs, tasks:read, tasks:delete",
        "GET, /tasks/1/download, tasks:read, billing:read",
        "GET, /tasks/1/events, tasks:read, analytics:read",
        "GET, /api-keys, keys:manage, tasks:read",
        "POST, /api-keys, keys:manage, tasks:read",
        "DELETE, /api-keys/1, keys:manage, tasks:read",
        "GET, /analytics/usage, analytics:read, billing:read",
        "GET, /analytics/dashboard, analytics:read, tasks:read",
    })
    void aMissingPermissionIsNamed(String method, String path, String needed, String granted) {
        Reply reply =
                service.call(method, path).as(account.newKey("prod", granted)).send();

        reply.assertSelextractError(403, "authorization_error");
        assertThat(reply.json().path("message").asText()).contains(needed);
    }

    @Test
    void aKeyCannotGrantMoreThanItMay() {
        String key = account.newKey("prod", "keys:manage", "tasks:read");

        Reply reply = service.call("POST", "/api-keys")
                .as(key)
                .text("application/json", "{\"name\": \"more\", \"permissions\": [\"tasks:delete\"]}")
                .send();

        reply.assertSelextractError(403, "authorization_error");
        assertThat(reply.json().path("message").asText()).contains("tasks:delete");
    }

    @Test
    void advancedScrapingIsNotInTheFreePlan() {
        account.post(
                        "/tasks",
                        TaskRequest.simple("http://10.0.0.1/")
                                .with("task_type", "\"advanced_scraping\"")
                                .json())
                .assertSelextractError(403, "authorization_error");
    }

    @Test
    void aRegisteredAddressCannotBeRegisteredAgain() {
        Reply again = service.call("POST", "/auth/register")
                .text(
                        "application/json",
                        "{\"email\": \"%s\", \"password\": \"%s\"}"
                                .formatted(account.email().toUpperCase(Locale.ROOT), Service.PASSWORD))
                .send();

        again.assertMapscraperError(400);
        assertThat(again.json()).isEqualTo(TaskRequest.parse("{\"error\": \"Email already registered\"}"));
    }

    @Test
    void aFailedLoginDoesNotTellWhetherTheAddressExists() {
        Reply wrongPassword = login(account.email(), "wrong password");
        Reply unknown = login("nobody@example.com", "wrong password");

        wrongPassword.assertMapscraperError(401);
        assertThat(wrongPassword.json()).isEqualTo(TaskRequest.parse("{\"error\": \"Invalid credentials\"}"));
        assertThat(unknown.status()).isEqualTo(401);
        assertThat(unknown.text()).isEqualTo(wrongPassword.text());
    }

    private Reply login(String email, String password) {
        return service.call("POST", "/auth/login")
                .text("application/json", "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(email, password))
                .send();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /tasks?status={x} HTTP/1.1",
                "GET /tasks?status=a|b HTTP/1.1",
                "GET /tasks/%zz HTTP/1.1",
                "GET /tasks/%2F HTTP/1.1",
                "GET /tasks/a\\b HTTP/1.1",
                "GET /tasks/<script> HTTP/1.1",
                "GET tasks HTTP/1.1",
                "GET /tasks/%00 HTTP/1.1",
                "GET /tasks HTTP/9.9",
                "CONNECT a.example:443 HTTP/1.1",
                "POST /auth/login HTTP/1.1\r\nTransfer-Encoding: none-such",
                "POST /auth/login HTTP/1.1\r\nTransfer-Encoding: gzip, chunked"
            })
    void whatIsNotHttpIsRefusedToo(String line) {
        Reply reply = RawHttp.send(service, line, "Host: localhost", "Connection: close");

        assertThat(reply.status()).as(reply.text()).isBetween(400, 505).isNotEqualTo(500);
        reply.assertHasWhatEveryAnswerHas();
        assertThat(reply.text()).doesNotContain("Tomcat", "Exception", "<html");
    }

    @Test
    void aBodyThatIsFramedWronglyOrBreaksOffIsRefused() {
        String[] head = {
            "POST /auth/login HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            "",
            "nonsense"
        };

        RawHttp.send(service, head).assertMapscraperError(400);
    }

    @Test
    void aHeadThatIsTooLargeIsRefused() {
        Reply reply = RawHttp.send(service, "GET /tasks HTTP/1.1", "Host: localhost", "X-Big: " + "x".repeat(20_000));

        assertThat(reply.status()).isBetween(400, 431);
        reply.assertHasWhatEveryAnswerHas();
    }
}
