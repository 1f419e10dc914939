package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limits as clients see them, with the documented numbers. */
class RateLimitTest {
    private static final String EMPTY = "{}";
    private static LimitedService limited;
    private static Service service;
    private Account account;

    @BeforeAll
    static void start() {
        limited = new LimitedService("documented");
        service = limited.service();
    }

    @AfterAll
    static void stop() {
        limited.close();
    }

    @BeforeEach
    void aNewAccountAndFullBuckets() {
        limited.fill();
        account = service.register();
        limited.fill();
    }

    private static Reply last(int calls, Supplier<Call> call) {
        Reply reply = call.get().send();
        for (int i = 1; i < calls; i++) {
            reply = call.get().send();
        }
        return reply;
    }

    private static long number(Reply reply, String header) {
        return Long.parseLong(Objects.requireNonNull(reply.header(header), header));
    }

    private static void assertLeft(Reply reply, int limit, int remaining) {
        assertThat(number(reply, "X-RateLimit-Limit")).isEqualTo(limit);
        assertThat(number(reply, "X-RateLimit-Remaining")).isEqualTo(remaining);
    }

    /** All calls of a class pass, the next one does not; gives its answer. */
    private static Reply exhaust(int limit, Supplier<Call> call) {
        Reply lastOne = last(limit, call);
        assertThat(lastOne.status()).as(lastOne.text()).isNotEqualTo(429);
        assertLeft(lastOne, limit, 0);
        Reply refused = call.get().send();
        assertLeft(refused, limit, 0);
        return refused;
    }

    private static void assertRefusedBySelextract(Reply refused, int seconds) {
        refused.assertSelextractError(429, "rate_limit_exceeded");
        assertThat(refused.header("Retry-After")).isEqualTo(Integer.toString(seconds));
    }

    private static void assertRefusedByMapscraper(Reply refused, int seconds) {
        refused.assertMapscraperError(429);
        assertThat(refused.json())
                .isEqualTo(TaskRequest.parse("{\"error\": \"Rate limit exceeded\", \"retryAfter\": " + seconds + "}"));
        assertThat(refused.header("Retry-After")).isEqualTo(Integer.toString(seconds));
    }

    @Test
    void thirtyTasksAMinuteAreAskedFor() {
        Reply refused = exhaust(30, () -> account.call("POST", "/tasks").text("application/json", EMPTY));

        assertRefusedBySelextract(refused, 2);
        account.get("/tasks").expect(200);
        limited.clock().advance(Duration.ofSeconds(2));
        account.call("POST", "/tasks").text("application/json", EMPTY).send().expect(400);
        account.call("POST", "/tasks").text("application/json", EMPTY).send().expect(429);
    }

    @Test
    void ofEverythingElseAHundredCallsAMinutePass() {
        assertRefusedBySelextract(exhaust(100, () -> account.call("GET", "/api-keys")), 1);
    }

    @Test
    void aProfileCountsForTheApiThatIssuedTheCredential() {
        String key = account.newKey("prod", "*");

        assertRefusedBySelextract(
                exhaust(10, () -> service.call("GET", "/auth/me").as(key)), 6);
        assertRefusedByMapscraper(exhaust(60, () -> account.call("GET", "/auth/me")), 1);
    }

    @Test
    void mapscraperHasSixtyCallsAMinute() {
        assertRefusedByMapscraper(
                exhaust(60, () -> service.call("POST", "/auth/login").text("application/json", EMPTY)), 1);
    }

    @Test
    void theResetIsTheSecondInWhichTheBucketIsFull() {
        Reply reply = account.get("/tasks");

        assertLeft(reply, 100, 99);
        assertThat(number(reply, "X-RateLimit-Reset"))
                .isEqualTo(limited.clock()
                        .instant()
                        .plusMillis(600)
                        .plusNanos(999_999_999)
                        .getEpochSecond());
        limited.clock().advance(Duration.ofSeconds(1));
        assertLeft(account.get("/tasks"), 100, 99);
    }

    @Test
    void keysOfOneAccountShareItsLimit() {
        String one = account.newKey("prod", "tasks:read");
        String other = account.newKey("prod", "tasks:read");
        limited.fill();

        last(60, () -> service.call("GET", "/tasks").as(one));
        last(39, () -> service.call("GET", "/tasks").as(other));
        assertLeft(service.call("GET", "/tasks").as(account.mapKey()).send().expect(200), 100, 0);

        assertRefusedBySelextract(service.call("GET", "/tasks").as(other).send(), 1);
        assertRefusedBySelextract(account.get("/tasks"), 1);
        service.register().get("/tasks").expect(200);
    }

    @Test
    void whoIsNotKnownIsCountedByAddress() {
        Reply refused = exhaust(100, () -> service.call("GET", "/tasks").as("sk_prod_" + "a".repeat(40)));

        assertRefusedBySelextract(refused, 1);
        for (String path : new String[] {"/tasks", "/nothing", "/docs", "/openapi/selextract.json"}) {
            assertRefusedBySelextract(service.call("GET", path).send(), 1);
        }
        assertRefusedBySelextract(service.call("PATCH", "/tasks").send(), 1);
        account.get("/tasks").expect(200);
    }

    @Test
    void whatACallerSaysOfItsAddressIsNotBelieved() {
        int[] number = {0};

        assertRefusedBySelextract(
                exhaust(
                        100,
                        () -> service.call("GET", "/tasks")
                                .header("X-Forwarded-For", "198.51.100." + number[0]++)
                                .header("Forwarded", "for=198.51.100.1")
                                .header("X-Real-IP", "198.51.100." + number[0])),
                1);
    }

    @Test
    void everyAnswerTellsTheLimit() {
        String poor = account.newKey("prod", "analytics:read");
        String task = account.create(TaskRequest.simple("http://10.0.0.1/"));
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    limited.fill();
                    return account.listed(task).path("status").asText().equals("failed");
                });
        limited.fill();
        Map<Reply, Integer> replies = new LinkedHashMap<>();
        replies.put(account.get("/tasks"), 200);
        replies.put(account.get("/tasks/" + task), 200);
        replies.put(
                account.call("GET", "/tasks")
                        .header("Accept", "application/vnd.selextract.envelope+json")
                        .send(),
                200);
        replies.put(account.get("/tasks/" + task + "/download"), 200);
        replies.put(account.get("/tasks/" + task + "/events"), 200);
        replies.put(
                account.post("/tasks", TaskRequest.simple("http://10.0.0.1/").json()), 201);
        replies.put(account.get("/tasks?page=0"), 400);
        replies.put(service.call("GET", "/tasks").send(), 401);
        replies.put(service.call("GET", "/auth/me").send(), 401);
        replies.put(service.call("GET", "/tasks").as(poor).send(), 403);
        replies.put(account.get("/tasks/1"), 404);
        replies.put(account.get("/nothing"), 404);
        replies.put(account.get("/webjars/nothing.js"), 404);
        replies.put(account.call("PATCH", "/tasks").send(), 405);
        replies.put(account.call("GET", "/auth/login").send(), 405);
        replies.put(RawHttp.send(service, "POST /tasks HTTP/1.1", "Host: localhost", "Content-Length: 100000000"), 413);
        replies.put(account.call("POST", "/tasks").text("text/plain", "x").send(), 415);
        replies.put(
                service.call("POST", "/auth/login")
                        .text("application/json", EMPTY)
                        .send(),
                400);
        replies.put(service.call("GET", "/docs").send(), 200);
        replies.put(service.call("GET", "/openapi/mapscraper.json").send(), 200);
        replies.put(RawHttp.send(service, "GET /tasks?status={x} HTTP/1.1", "Host: localhost"), 400);
        replies.put(RawHttp.send(service, "GET /tasks/%2F HTTP/1.1", "Host: localhost"), 400);
        replies.put(RawHttp.send(service, "GET /tasks HTTP/9.9", "Host: localhost"), 505);

        replies.forEach((reply, status) -> {
            assertThat(reply.status()).as(reply.text()).isEqualTo(status);
            assertThat(number(reply, "X-RateLimit-Limit")).isPositive();
            assertThat(number(reply, "X-RateLimit-Remaining")).isBetween(0L, number(reply, "X-RateLimit-Limit") - 1);
            assertThat(number(reply, "X-RateLimit-Reset"))
                    .isGreaterThanOrEqualTo(limited.clock().instant().getEpochSecond());
        });
    }

    @Test
    void aFailureTellsTheLimitToo() {
        limited.database().sql("ALTER TABLE task RENAME TO task_away").update();
        try {
            Reply failed = account.get("/tasks");

            failed.assertSelextractError(500, "internal_server_error");
            assertLeft(failed, 100, 99);
        } finally {
            limited.database().sql("ALTER TABLE task_away RENAME TO task").update();
        }
    }

    @Test
    void aCallThatCannotBeCountedFails() {
        limited.database()
                .sql("ALTER TABLE rate_limit RENAME TO rate_limit_away")
                .update();
        try {
            account.get("/tasks").assertSelextractError(500, "internal_server_error");
            account.get("/nothing").assertSelextractError(500, "internal_server_error");
            service.call("GET", "/docs").send().assertSelextractError(500, "internal_server_error");
        } finally {
            limited.database()
                    .sql("ALTER TABLE rate_limit_away RENAME TO rate_limit")
                    .update();
        }
        account.get("/tasks").expect(200);
    }

    @Test
    void filesOfTheDocumentationAreNotCounted() {
        Reply file = service.call("GET", "/documentation/docs.css").send().expect(200);

        assertThat(file.header("X-RateLimit-Limit")).isNull();
    }

    @Test
    void theDocumentsTellTheClassInWords() {
        String document = service.call("GET", "/openapi/selextract.json").send().text();

        assertThat(document)
                .doesNotContain("x-rate-limit\"")
                .contains("Counts for the rate limit of task creation.")
                .contains("Counts for the rate limit of authentication.");
    }
}
