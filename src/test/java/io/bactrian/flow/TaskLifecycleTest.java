package io.bactrian.flow;

import static io.bactrian.flow.RunningService.COMPUTE_UNITS;
import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RunningService.class)
class TaskLifecycleTest {
    private static final String PRODUCT = """
            <html><head><meta name="description" content="Finest anvils">
            <script type="application/ld+json">{"@type": "Product", "brand": {"name": "Acme"}}</script></head>
            <body><h1>  An   anvil </h1><a class="more" href="/more">More</a><span class="price">1,299.50 EUR</span>
            <ul><li>heavy</li><li>black</li></ul>
            <div class="offer"><h2>One</h2><a href="one">buy</a></div>
            <div class="offer"><h2>Two</h2></div><p>SKU-4711</p></body></html>""";

    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on("/product", Behaviours.page(PRODUCT))
            .on("/a", Behaviours.page("<h1>A</h1>"))
            .on("/b", Behaviours.page("<h1>B</h1>"))
            .on("/moved", Behaviours.redirect(301, "/a"));

    TaskLifecycleTest(Service service) {
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void aTaskIsCreatedPendingAndEndsCompleted() {
        Reply created = account.post(
                "/tasks",
                TaskRequest.simple(site.url("/a"))
                        .named("Letters")
                        .with("description", "\"All of them\"")
                        .with("priority", "7")
                        .json());

        created.expect(201);
        JsonNode pending = created.json();
        String id = pending.path("id").asText();
        assertThat(id).matches("[0-9a-f-]{36}");
        assertThat(pending.path("name").asText()).isEqualTo("Letters");
        assertThat(pending.path("description").asText()).isEqualTo("All of them");
        assertThat(pending.path("task_type").asText()).isEqualTo("simple_scraping");
        assertThat(pending.path("status").asText()).isEqualTo("pending");
        assertThat(pending.path("priority").asInt()).isEqualTo(7);
        assertThat(pending.path("progress").asInt()).isZero();
        assertThat(pending.path("estimated_compute_units").asInt()).isEqualTo(PAGE_UNITS);
        assertThat(pending.path("compute_units_consumed").asInt()).isZero();
        assertThat(pending.path("result_url").isNull()).isTrue();
        assertThat(pending.path("started_at").isNull()).isTrue();
        assertThat(pending.path("config").path("urls").path(0).asText()).isEqualTo(site.url("/a"));

        JsonNode ended = account.awaitEnd(id);

        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(ended.path("progress").asInt()).isEqualTo(100);
        assertThat(ended.path("compute_units_consumed").asInt()).isEqualTo(PAGE_UNITS);
        assertThat(ended.path("error_message").isNull()).isTrue();
        assertThat(ended.path("result_url").asText()).isEqualTo("/tasks/" + id + "/download");
        assertThat(Instant.parse(ended.path("completed_at").asText()))
                .isAfterOrEqualTo(Instant.parse(ended.path("started_at").asText()));
        assertThat(account.get(ended.path("result_url").asText()).expect(200).text())
                .contains("\"title\"");
    }

    @Test
    void everyFormOfSelectorTakesItsValue() {
        List<JsonNode> rows =
                account.rowsOf(TaskRequest.simple(site.url("/product")).config("selectors", """
                {"title": "h1", "link": "a.more@href", "by_xpath": "xpath://h2", "missing": ".nothing",
                 "absolute": {"selector": "a.more", "attribute": "href", "transform": ["absolute_url"]},
                 "price": {"selector": ".price", "transform": ["number"]},
                 "tags": {"selector": "li", "all": true}, "none": {"selector": "dl", "all": true},
                 "fallback": {"selector": ".nothing", "default": "n/a"},
                 "inner": {"selector": ".offer", "html": true},
                 "sku": {"selector": "SKU-([0-9]+)", "type": "regex"},
                 "brand": {"selector": "$[0].brand.name", "type": "jsonld"},
                 "about": {"selector": "description", "type": "meta"},
                 "offers": {"selector": ".offer", "all": true, "fields": {"name": "h2", "link": "a@href"}}}"""));

        JsonNode data = rows.getFirst().path("data");
        assertThat(data.path("title").asText()).isEqualTo("An anvil");
        assertThat(data.path("link").asText()).isEqualTo("/more");
        assertThat(data.path("absolute").asText()).isEqualTo(site.url("/more"));
        assertThat(data.path("by_xpath").asText()).isEqualTo("One");
        assertThat(data.path("missing").isNull()).isTrue();
        assertThat(data.path("price").asDouble()).isEqualTo(1299.5);
        assertThat(data.path("tags")).isEqualTo(TaskRequest.parse("[\"heavy\", \"black\"]"));
        assertThat(data.path("none")).isEqualTo(TaskRequest.parse("[]"));
        assertThat(data.path("fallback").asText()).isEqualTo("n/a");
        assertThat(data.path("inner").asText()).contains("<h2>One</h2>");
        assertThat(data.path("sku").asText()).isEqualTo("4711");
        assertThat(data.path("brand").asText()).isEqualTo("Acme");
        assertThat(data.path("about").asText()).isEqualTo("Finest anvils");
        assertThat(data.path("offers"))
                .isEqualTo(TaskRequest.parse(
                        "[{\"name\": \"One\", \"link\": \"one\"}, {\"name\": \"Two\", \"link\": null}]"));
    }

    @Test
    void eachUrlHasExactlyOneRowInItsPlaceAndTheSameUrlTwiceHasTwo() {
        List<String> urls = List.of(
                site.url("/b"), site.url("/a"), site.url("/gone"), site.url("/b"), site.url("/a"), site.url("/b"));

        List<JsonNode> rows = account.rowsOf(
                TaskRequest.bulk(urls).config("parallel_requests", "4").config("batch_size", "1"));

        assertThat(rows).extracting(row -> row.path("url").asText()).isEqualTo(urls);
        assertThat(rows)
                .extracting(row -> row.path("data").path("title").asText())
                .containsExactly("B", "A", "", "B", "A", "B");
        assertThat(rows).noneMatch(row -> row.has("metadata"));
        assertThat(rows.get(2).path("data").isNull()).isTrue();
        assertThat(rows.get(2).path("error").path("code").asText()).isEqualTo("http_4xx");
        assertThat(rows.getFirst().path("error").isNull()).isTrue();
    }

    @Test
    void metadataComeOnlyWhenAskedFor() {
        JsonNode row = account.rowsOf(TaskRequest.simple(site.url("/moved")).config("include_metadata", "true"))
                .getFirst();

        JsonNode metadata = row.path("metadata");
        assertThat(metadata.path("final_url").asText()).isEqualTo(site.url("/a"));
        assertThat(metadata.path("status_code").asInt()).isEqualTo(200);
        assertThat(metadata.path("content_type").asText()).isEqualTo("text/html; charset=utf-8");
        assertThat(metadata.path("fetched_at").asText()).endsWith("Z");
        assertThat(metadata.path("duration_ms").isIntegralNumber()).isTrue();
        assertThat(metadata.path("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void headersAndCookiesOfTheTaskReachTheSite() {
        account.rowsOf(TaskRequest.simple(site.url("/a"))
                .config("custom_headers", "{\"X-Shop\": \"yes\", \"Accept-Language\": \"en\"}")
                .config("cookies", "{\"currency\": \"EUR\"}"));

        MisbehavingOrigin.Request request = site.requestsFor("/a").getFirst();
        assertThat(request.header("x-shop")).isEqualTo("yes");
        assertThat(request.header("accept-language")).isEqualTo("en");
        assertThat(request.header("cookie")).isEqualTo("currency=EUR");
        assertThat(request.header("user-agent")).contains("BactrianBot");
        assertThat(request.header("authorization")).isNull();
    }

    @Test
    void aTaskWhosePagesAllFailedIsFailedAndSaysWhy() {
        String id = account.create(TaskRequest.bulk(List.of(site.url("/gone"), site.url("/gone"), site.url("/lost"))));

        JsonNode ended = account.awaitEnd(id);

        assertThat(ended.path("status").asText()).isEqualTo("failed");
        assertThat(ended.path("progress").asInt()).isEqualTo(100);
        assertThat(ended.path("compute_units_consumed").asInt()).isZero();
        assertThat(ended.path("error_message").asText()).contains("None of the 3 pages", "3 × http_4xx", "404");
        assertThat(account.rows(id)).hasSize(3);
    }

    @Test
    void aPageThatFailsForAWhileIsTriedAgainAndComesInTheEnd() {
        AtomicInteger visits = new AtomicInteger();
        site.on(
                "/busy",
                (request, socket, out) -> (visits.incrementAndGet() < 4
                                ? Behaviours.status(503)
                                : Behaviours.page("<h1>At last</h1>"))
                        .answer(request, socket, out));

        JsonNode row = account.rowsOf(TaskRequest.simple(site.url("/busy")).config("include_metadata", "true"))
                .getFirst();

        assertThat(row.path("data").path("title").asText()).isEqualTo("At last");
        assertThat(row.path("metadata").path("attempts").asInt()).isEqualTo(4);
        assertThat(visits).hasValue(4);
    }

    @Test
    void retriesEndWithTheConfiguredNumber() {
        site.on("/down", Behaviours.status(500));

        JsonNode row = account.rowsOf(TaskRequest.simple(site.url("/down"))
                        .config("retry_attempts", "2")
                        .config("include_metadata", "true"))
                .getFirst();

        assertThat(row.path("error").path("code").asText()).isEqualTo("http_5xx");
        assertThat(row.path("error").path("message").asText()).contains("500");
        assertThat(row.path("metadata").path("attempts").asInt()).isEqualTo(3);
        assertThat(site.requestsFor("/down")).hasSize(3);
    }

    @Test
    void aRetryWaitsAsLongAsTheSiteAsks() {
        List<Long> visits = new CopyOnWriteArrayList<>();
        site.on("/later", (request, socket, out) -> {
            visits.add(System.nanoTime());
            return (visits.size() == 1 ? Behaviours.status(429, "Retry-After: 1") : Behaviours.page("<h1>Now</h1>"))
                    .answer(request, socket, out);
        });

        JsonNode row = account.rowsOf(TaskRequest.simple(site.url("/later"), site.url("/a")))
                .getFirst();

        assertThat(row.path("data").path("title").asText()).isEqualTo("Now");
        assertThat(visits).hasSize(2);
        assertThat(Duration.ofNanos(visits.get(1) - visits.get(0))).isGreaterThan(Duration.ofMillis(990));
    }

    @Test
    void aRateLimitSpacesTheRequestsToAHost() {
        Instant before = Instant.now();

        account.rowsOf(TaskRequest.bulk(Visitors.urls(site.url("/a"), 6)).config("rate_limit", "5"));

        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(990));
    }

    @Test
    void unitsAreReservedThenSettledAndTheRestIsReleased() {
        Gate gate = new Gate();
        site.on("/gated", gate.before(Behaviours.page("<h1>Open</h1>")));
        int all = COMPUTE_UNITS / PAGE_UNITS;
        String holding = account.create(TaskRequest.bulk(List.of(site.url("/gated"), site.url("/gone"))));

        Reply refused = account.post(
                "/tasks",
                TaskRequest.bulk(Visitors.urls(site.url("/a"), all - 1)).json());
        refused.assertSelextractError(402, "insufficient_credits");
        assertThat(refused.json().path("message").asText())
                .contains(
                        Integer.toString(COMPUTE_UNITS - PAGE_UNITS), Integer.toString(COMPUTE_UNITS - 2 * PAGE_UNITS));

        assertThat(account.unitsUsed()).isZero();
        gate.open();
        JsonNode ended = account.awaitEnd(holding);
        assertThat(ended.path("estimated_compute_units").asInt()).isEqualTo(2 * PAGE_UNITS);
        assertThat(ended.path("compute_units_consumed").asInt()).isEqualTo(PAGE_UNITS);
        assertThat(account.unitsUsed()).isEqualTo(PAGE_UNITS);

        // One unit price is spent for good, so exactly one page fewer than all is affordable.
        account.post(
                        "/tasks",
                        TaskRequest.bulk(Visitors.urls(site.url("/a"), all)).json())
                .assertSelextractError(402, "insufficient_credits");
        String rest = account.create(TaskRequest.bulk(Visitors.urls(site.url("/a"), all - 1)));
        account.delete("/tasks/" + rest).expect(200);
        await().untilAsserted(() ->
                assertThat(account.listed(rest).path("status").asText()).isEqualTo("cancelled"));
        await().untilAsserted(() -> assertThat(account.unitsUsed())
                .isEqualTo(PAGE_UNITS
                        + account.task(rest).path("compute_units_consumed").asInt()));
    }
}
