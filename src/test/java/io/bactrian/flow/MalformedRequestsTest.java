package io.bactrian.flow;

import static io.bactrian.flow.MalformedRequest.UNKNOWN;
import static io.bactrian.flow.MalformedRequest.body;
import static io.bactrian.flow.MalformedRequest.bulk;
import static io.bactrian.flow.MalformedRequest.change;
import static io.bactrian.flow.MalformedRequest.config;
import static io.bactrian.flow.MalformedRequest.header;
import static io.bactrian.flow.MalformedRequest.key;
import static io.bactrian.flow.MalformedRequest.login;
import static io.bactrian.flow.MalformedRequest.named;
import static io.bactrian.flow.MalformedRequest.query;
import static io.bactrian.flow.MalformedRequest.register;
import static io.bactrian.flow.MalformedRequest.selector;
import static io.bactrian.flow.MalformedRequest.task;
import static io.bactrian.flow.MalformedRequest.url;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a request, the answer is a 4xx in the shape of its API that names what is wrong. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedRequestsTest {
    private final Account account;

    MalformedRequestsTest(Service service) {
        this.account = service.register();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"bodies", "tasks", "configs", "urls", "selectors", "options", "queries", "changes", "keys"})
    void selextractNamesTheField(MalformedRequest malformed) {
        Reply reply = malformed.call().apply(account).send();

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).as(reply.text()).contains(malformed.field());
        assertThat(reply.json().path("message").asText())
                .contains(reply.fields().getFirst());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("accounts")
    void mapscraperSaysWhatIsWrongInASentence(MalformedRequest malformed) {
        Reply reply = malformed.call().apply(account).send();

        reply.assertMapscraperError(400);
        assertThat(reply.json().path("error").asText()).containsIgnoringCase(malformed.field());
    }

    static Stream<MalformedRequest> bodies() {
        String deep = "[".repeat(200) + "]".repeat(200);
        return Stream.of(
                body("", ""),
                body("{", ""),
                body("not json", ""),
                body("[]", ""),
                body("\"text\"", ""),
                body("null", ""),
                body("{} {}", ""),
                body("{\"name\": NaN}", ""),
                body("{\"priority\": 1e999}", ""),
                body("{'name': 'x'}", ""),
                body("{\"description\": " + deep + "}", ""),
                body("{\"name\": \"a\", \"name\": \"b\"}", "name"),
                new MalformedRequest(
                        "a body in Latin-1",
                        account -> account.call("POST", "/tasks")
                                .header("Content-Type", "application/json")
                                .bytes("{\"name\": \"ä\"}".getBytes(StandardCharsets.ISO_8859_1)),
                        ""));
    }

    static Stream<MalformedRequest> tasks() {
        return Stream.of(
                body("{}", "name"),
                body("{}", "task_type"),
                body("{}", "config"),
                task("name", "null"),
                task("name", "5"),
                task("name", "\"\""),
                task("name", '"' + "n".repeat(256) + '"'),
                task("name", "\"nul \\u0000\""),
                body("{\"name\": \"half \\ud800\"}", "name"),
                task("description", "5"),
                task("description", '"' + "d".repeat(2_001) + '"'),
                task("task_type", "\"unknown\""),
                task("task_type", "5"),
                task("task_type", "null"),
                task("priority", "\"high\""),
                task("priority", "0"),
                task("priority", "11"),
                task("priority", "5.5"),
                task("priority", "null"),
                task("priority", "99999999999999999999"),
                task("priorty", "5"),
                task("user_id", "\"somebody\""),
                task("config", "[]"),
                task("config", "null"),
                task("config", "\"urls\""),
                header("Idempotency-Key", "k".repeat(256)));
    }

    static Stream<MalformedRequest> configs() {
        return Stream.of(
                body("{\"name\": \"a\", \"task_type\": \"simple_scraping\", \"config\": {}}", "config.urls"),
                body("{\"name\": \"a\", \"task_type\": \"simple_scraping\", \"config\": {}}", "config.selectors"),
                body("{\"name\": \"a\", \"task_type\": \"bulk_scraping\", \"config\": {}}", "config.urls"),
                config("unknown_option", "true"),
                config("batch_size", "5"),
                config("javascript_enabled", "true"),
                config("selectors", "null"),
                config("selectors", "{}"),
                config("selectors", "[]"),
                config("selectors", "\"h1\""),
                bulk("batch_size", "0"),
                bulk("batch_size", "1001"),
                bulk("parallel_requests", "0"),
                bulk("parallel_requests", "257"),
                bulk("parallel_requests", "\"3\""),
                bulk("export_individual_files", "\"zip\""));
    }

    static Stream<MalformedRequest> urls() {
        return Stream.of(
                config("urls", "[]"),
                config("urls", "\"http://example.com/\""),
                config("urls", "null"),
                config("urls", "[" + "\"http://10.0.0.1/\",".repeat(100) + "\"http://10.0.0.1/\"]"),
                url("5"),
                url("null"),
                url("\"\""),
                url("\"not a url\""),
                url("\"example.com\""),
                url("\"/relative\""),
                url("\"//example.com/\""),
                url("\"ftp://example.com/\""),
                url("\"file:///etc/passwd\""),
                url("\"javascript:alert(1)\""),
                url("\"http://\""),
                url("\"http:///path\""),
                url("\"http://:80/\""),
                url("\"http://@/\""),
                url("\"http://user@:80/\""),
                url("\"http://?query\""),
                url("\"http://example.com:99999/\""),
                url("\"http://example.com:0/\""),
                url("\"http://example.com:port/\""),
                url("\"http://example.com:80:80/\""),
                url("\"http://[::1]:99999/\""),
                url("\"http:example.com\""),
                url("\"http://exa mple.com/\""),
                url("\"http://[::1/\""),
                url("\"http://example.com/\\u0000\""),
                url("\"http://example.com/\\r\\nHost: evil\""),
                url("\"http://example.com/" + "x".repeat(2_048) + '"'),
                new MalformedRequest(
                        "a bad URL among good ones",
                        account -> account.call("POST", "/tasks")
                                .json(TaskRequest.simple("http://10.0.0.1/", "http://10.0.0.2/", "nonsense")
                                        .json()),
                        "config.urls[2]"));
    }

    static Stream<MalformedRequest> selectors() {
        return Stream.of(
                named("1st"),
                named("with space"),
                named(""),
                named("n".repeat(65)),
                selector("5"),
                selector("null"),
                selector("\"\""),
                selector("\"h1[\""),
                selector("\"div:nonsense(\""),
                selector("\"xpath://[\""),
                selector("\"xpath:count(\""),
                selector("{\"selector\": \"h1[\", \"type\": \"css\"}"),
                selector("{\"selector\": \"//[\", \"type\": \"xpath\"}"),
                selector("{\"selector\": \"(\", \"type\": \"regex\"}"),
                selector("{\"selector\": \"(a)\\\\1\", \"type\": \"regex\"}"),
                selector("{\"selector\": \"$[\", \"type\": \"jsonpath\"}"),
                selector("{\"selector\": \"$[\", \"type\": \"jsonld\"}"),
                selector("type", "{\"selector\": \"h1\", \"type\": \"sass\"}"),
                selector("selector", "{}"),
                selector("selector", "{\"selector\": 5}"),
                selector("attr", "{\"selector\": \"h1\", \"attr\": \"id\"}"),
                selector("attribute", "{\"selector\": \"h1\", \"attribute\": \"\"}"),
                selector("all", "{\"selector\": \"h1\", \"all\": \"yes\"}"),
                selector("html", "{\"selector\": \"h1\", \"html\": 1}"),
                selector("transform", "{\"selector\": \"h1\", \"transform\": \"trim\"}"),
                selector("transform[0]", "{\"selector\": \"h1\", \"transform\": [\"explode\"]}"),
                selector("fields", "{\"selector\": \"h1\", \"fields\": {}}"),
                selector("fields.inner", "{\"selector\": \"h1\", \"fields\": {\"inner\": \"h1[\"}}"),
                selector(
                        "fields.a.fields.a.fields.a.fields.a.fields.a.fields",
                        "{\"selector\": \"b\", \"fields\": {\"a\": ".repeat(6) + "\"b\"" + "}}".repeat(6)));
    }

    static Stream<MalformedRequest> options() {
        return Stream.of(
                config("output_format", "\"pdf\""),
                config("output_format", "null"),
                config("include_metadata", "\"yes\""),
                config("follow_redirects", "1"),
                config("timeout", "0"),
                config("timeout", "301"),
                config("timeout", "\"30\""),
                config("timeout", "1.5"),
                config("custom_headers", "[]"),
                config("custom_headers.Host", "custom_headers", "{\"Host\": \"evil\"}"),
                config("custom_headers.Cookie", "custom_headers", "{\"Cookie\": \"a=b\"}"),
                config("custom_headers.Transfer-Encoding", "custom_headers", "{\"Transfer-Encoding\": \"chunked\"}"),
                config("custom_headers.X-A", "custom_headers", "{\"X-A\": \"a\\r\\nX-B: b\"}"),
                config("custom_headers.bad name", "custom_headers", "{\"bad name\": \"\"}"),
                config("custom_headers.X-A", "custom_headers", "{\"X-A\": 5}"),
                config("cookies", "\"a=b\""),
                config("cookies.a", "cookies", "{\"a\": \"b; c=d\"}"),
                config("cookies.a b", "cookies", "{\"a b\": \"c\"}"),
                config("cookies.a", "cookies", "{\"a\": null}"),
                config("proxy_rotation", "\"no\""),
                config("rate_limit", "0"),
                config("rate_limit", "-1"),
                config("rate_limit", "1001"),
                config("rate_limit", "\"fast\""),
                config("retry_attempts", "-1"),
                config("retry_attempts", "11"),
                config("respect_robots_txt", "null"),
                config("webhook_url", "\"not a url\""),
                config("webhook_url", "5"));
    }

    static Stream<MalformedRequest> queries() {
        return Stream.of(
                query("/tasks?page=0", "page"),
                query("/tasks?page=-1", "page"),
                query("/tasks?page=two", "page"),
                query("/tasks?page=1.5", "page"),
                query("/tasks?page=", "page"),
                query("/tasks?page=99999999999999999999", "page"),
                query("/tasks?page_size=0", "page_size"),
                query("/tasks?page_size=101", "page_size"),
                query("/tasks?page_size=many", "page_size"),
                query("/tasks?sort_by=id", "sort_by"),
                query("/tasks?sort_by=name;drop", "sort_by"),
                query("/tasks?sort_order=up", "sort_order"),
                query("/tasks?status=done", "status"),
                query("/tasks?status=completed,done", "status"),
                query("/tasks?status=completed&status=done", "status"),
                query("/tasks?status=", "status"),
                query("/tasks?task_type=scraping", "task_type"),
                query("/tasks?created_after=yesterday", "created_after"),
                query("/tasks?created_before=2026-13-01", "created_before"),
                query("/tasks?created_before=2026-01-01T25:00:00Z", "created_before"),
                query("/tasks?name_contains=" + "n".repeat(256), "name_contains"),
                query("/tasks?name_contains=%00", "name_contains"),
                query(UNKNOWN + "/logs?page=0", "page"),
                query(UNKNOWN + "/logs?page_size=101", "page_size"),
                query(UNKNOWN + "/download?format=pdf", "format"));
    }

    static Stream<MalformedRequest> changes() {
        return Stream.of(
                change("{}", ""),
                change("[]", ""),
                change("{\"status\": \"completed\"}", "status"),
                change("{\"name\": \"\"}", "name"),
                change("{\"name\": null}", "name"),
                change("{\"description\": 5}", "description"),
                change("{\"priority\": 0}", "priority"),
                change("{\"priority\": \"high\"}", "priority"));
    }

    static Stream<MalformedRequest> keys() {
        return Stream.of(
                key("{}", "name"),
                key("{\"name\": \"\"}", "name"),
                key("{\"name\": 5}", "name"),
                key("{\"name\": \"a\", \"description\": 5}", "description"),
                key("{\"name\": \"a\", \"permissions\": []}", "permissions"),
                key("{\"name\": \"a\", \"permissions\": \"tasks:read\"}", "permissions"),
                key("{\"name\": \"a\", \"permissions\": [\"tasks:fly\"]}", "permissions[0]"),
                key("{\"name\": \"a\", \"permissions\": [\"tasks:read\", \"tasks:read\"]}", "permissions"),
                key("{\"name\": \"a\", \"environment\": \"dev\"}", "environment"),
                key("{\"name\": \"a\", \"secret\": \"mine\"}", "secret"));
    }

    static Stream<MalformedRequest> accounts() {
        String password = "\"password\": \"" + Service.PASSWORD + "\"";
        return Stream.of(
                register("", "body"),
                register("{", "JSON"),
                register("[]", "object"),
                register("{}", "email"),
                register("{\"email\": 5, " + password + "}", "email"),
                register("{\"email\": \"nobody\", " + password + "}", "email"),
                register("{\"email\": \"a@b\", " + password + "}", "email"),
                register("{\"email\": \"" + "a".repeat(250) + "@example.com\", " + password + "}", "email"),
                register("{\"email\": \"a@example.com\"}", "password"),
                register("{\"email\": \"a@example.com\", \"password\": \"short\"}", "password"),
                register("{\"email\": \"a@example.com\", \"password\": \"" + "x".repeat(129) + "\"}", "password"),
                register("{\"email\": \"a@example.com\", \"password\": 12345678}", "password"),
                register("{\"email\": \"a@example.com\", " + password + ", \"name\": 5}", "name"),
                register("{\"email\": \"a@example.com\", " + password + ", \"credits\": 1000000}", "credits"),
                login("{}", "email and password are required"),
                login("{\"email\": \"a@example.com\"}", "email and password are required"),
                login("{\"email\": \"a@example.com\", " + password + ", \"admin\": true}", "admin"),
                login("nonsense", "JSON"));
    }
}
