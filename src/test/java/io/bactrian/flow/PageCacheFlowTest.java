package io.bactrian.flow;

import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code max_age}, as clients and sites see it. */
@ExtendWith(RunningService.class)
class PageCacheFlowTest {
    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on(
                    "/a",
                    (request, socket, out) -> (request.header("if-none-match") == null
                                    ? Behaviours.body("text/html", Behaviours.utf8("<h1>A</h1>"), "ETag: \"a\"")
                                    : Behaviours.raw("HTTP/1.1 304 Not Modified\r\n\r\n"))
                            .answer(request, socket, out));

    PageCacheFlowTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void aSecondTaskIsAnsweredFromTheCacheAndCostsTheSame() {
        JsonNode first = row(account, "3600");
        JsonNode second = row(account, "3600");

        assertThat(first.path("metadata").path("cached").asBoolean(true)).isFalse();
        assertThat(second.path("metadata").path("cached").asBoolean()).isTrue();
        assertThat(second.path("data")).isEqualTo(first.path("data"));
        assertThat(site.requestsFor("/a")).hasSize(1);
        assertThat(account.unitsUsed()).isEqualTo(2 * PAGE_UNITS);

        JsonNode asked = row(account, "0");
        assertThat(asked.path("metadata").path("cached").asBoolean()).isTrue();
        assertThat(asked.path("data")).isEqualTo(first.path("data"));
        assertThat(site.requestsFor("/a").getLast().header("if-none-match")).isEqualTo("\"a\"");
        assertThat(site.requestsFor("/a")).hasSize(2);
    }

    @Test
    void anotherAccountAndATaskWithoutMaxAgeFetchForThemselves() {
        row(account, "3600");

        assertThat(row(service.register(), "3600")
                        .path("metadata")
                        .path("cached")
                        .asBoolean(true))
                .isFalse();
        JsonNode plain = account.rowsOf(TaskRequest.simple(site.url("/a")).config("include_metadata", "true"))
                .getFirst();

        assertThat(plain.path("metadata").has("cached")).isFalse();
        assertThat(site.requestsFor("/a")).hasSize(3).allMatch(request -> request.header("if-none-match") == null);
    }

    @Test
    void aTableHasAColumnForIt() {
        String id = account.create(TaskRequest.bulk(List.of(site.url("/a")))
                .config("max_age", "60")
                .config("include_metadata", "true"));
        account.awaitEnd(id);

        String csv =
                account.get("/tasks/" + id + "/download?format=csv").expect(200).text();

        assertThat(csv.lines().toList().get(0)).endsWith("duration_ms,attempts,cached");
        assertThat(csv.lines().toList().get(1)).endsWith(",false");
    }

    @Test
    void whatIsNoAgeIsRefused() {
        for (String wrong : List.of("-1", "604801", "1.5", "\"60\"", "true", "null")) {
            Reply reply = account.post(
                    "/tasks",
                    TaskRequest.simple(site.url("/a")).config("max_age", wrong).json());
            reply.assertSelextractError(400, "validation_error");
            assertThat(reply.fields()).as(wrong).containsExactly("config.max_age");
        }
    }

    @Test
    void thePagesOfADeletedAccountAreForgotten() {
        row(account, "3600");
        String owner = account.task(account.create(TaskRequest.simple(site.url("/a"))))
                .path("user_id")
                .asText();
        assertThat(pagesOf(owner)).isOne();

        account.delete("/auth/me").expect(200);

        await().atMost(Duration.ofSeconds(60)).until(() -> pagesOf(owner) == 0);
    }

    private long pagesOf(String owner) {
        return service.database()
                .sql("SELECT count(*) FROM page_cache WHERE owner = ?")
                .param(owner)
                .query(Long.class)
                .single();
    }

    private JsonNode row(Account owner, String maxAge) {
        return owner.rowsOf(TaskRequest.simple(site.url("/a"))
                        .config("max_age", maxAge)
                        .config("include_metadata", "true"))
                .getFirst();
    }
}
