package io.bactrian.flow;

import static io.bactrian.flow.RunningService.COMPUTE_UNITS;
import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code sitemap_url}, as clients see it. */
@ExtendWith(RunningService.class)
class SitemapFlowTest {
    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start().on("/page", Behaviours.page("<h1>Page</h1>"));

    SitemapFlowTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void thePagesOfAnIndexWithGzipAreRowsInItsOrderAndTheRestOfTheUnitsComesBack() {
        List<String> pages = pages(30);
        site.on(
                        "/sitemap.xml",
                        Behaviours.body(
                                "application/xml",
                                Behaviours.utf8("<sitemapindex><sitemap><loc>" + site.url("/one.xml.gz")
                                        + "</loc></sitemap><sitemap><loc>" + site.url("/two.txt")
                                        + "</loc></sitemap></sitemapindex>")))
                .on(
                        "/one.xml.gz",
                        Behaviours.body(
                                "application/gzip", Behaviours.gzip(Behaviours.utf8(urlset(pages.subList(0, 20))))))
                .on("/two.txt", Behaviours.body("text/plain", Behaviours.utf8(String.join("\n", pages))));

        Reply created = account.post(
                        "/tasks", request().config("sitemap_limit", "50").json())
                .expect(201);
        String id = created.json().path("id").asText();
        assertThat(created.json().path("estimated_compute_units").asInt()).isEqualTo(50 * PAGE_UNITS);
        JsonNode ended = account.awaitEnd(id);

        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(ended.path("progress").asInt()).isEqualTo(100);
        assertThat(ended.path("compute_units_consumed").asInt()).isEqualTo(30 * PAGE_UNITS);
        assertThat(ended.path("config").path("urls")).hasSize(30);
        assertThat(ended.path("config").path("sitemap_url").asText()).isEqualTo(site.url("/sitemap.xml"));
        assertThat(account.listed(id).path("config").path("urls")).hasSize(30);
        assertThat(account.rows(id)).extracting(row -> row.path("url").asText()).isEqualTo(pages);
        assertThat(account.unitsUsed()).isEqualTo(30 * PAGE_UNITS);
        // All that was not consumed can be reserved again.
        String rest =
                account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), COMPUTE_UNITS / PAGE_UNITS - 30)));
        account.delete("/tasks/" + rest).expect(200);
    }

    @Test
    void theyComeAfterTheUrlsThatTheClientGaveAndNoneOfTheseAgain() {
        List<String> pages = pages(4);
        site.on("/sitemap.xml", sitemap(pages));
        String other = site.url("/page?other");

        List<JsonNode> rows = account.rowsOf(TaskRequest.bulk(List.of(other, pages.get(2), other))
                .config("sitemap_url", quoted(site.url("/sitemap.xml")))
                .config("sitemap_include", "\"n=[0-2]$\""));

        assertThat(rows)
                .extracting(row -> row.path("url").asText())
                .containsExactly(other, pages.get(2), other, pages.get(0), pages.get(1));
    }

    @Test
    void aSitemapWithoutPagesFailsTheTaskWithAClearMessageAndCostsNothing() {
        site.on("/sitemap.xml", Behaviours.page("<!doctype html><h1>Not found</h1>"));

        String id = account.create(request());
        JsonNode ended = account.awaitEnd(id);

        assertThat(ended.path("status").asText()).isEqualTo("failed");
        assertThat(ended.path("error_message").asText()).contains(site.url("/sitemap.xml"), "is not a sitemap");
        assertThat(ended.path("compute_units_consumed").asInt()).isZero();
        assertThat(account.rows(id)).isEmpty();
        assertThat(account.unitsUsed()).isZero();
        String all = account.create(TaskRequest.bulk(Visitors.urls(site.url("/page"), COMPUTE_UNITS / PAGE_UNITS)));
        account.delete("/tasks/" + all).expect(200);
        account.delete("/tasks/" + id).expect(200);
    }

    @Test
    void withUrlsOfItsOwnATaskGoesOnWithoutTheSitemap() {
        String id = account.create(TaskRequest.bulk(pages(2))
                .config("sitemap_url", quoted(site.url("/gone.xml")))
                .config("sitemap_limit", "10"));

        JsonNode ended = account.awaitEnd(id);

        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(account.rows(id)).hasSize(2);
        assertThat(account.get("/tasks/" + id + "/logs").expect(200).text())
                .contains("WARNING", "/gone.xml could not be had: HTTP 404");
    }

    @Test
    void aTaskCanBeCancelledWhileItsSitemapIsRead() {
        site.on("/sitemap.xml", Behaviours.silence());
        String id = account.create(request());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !site.requestsFor("/sitemap.xml").isEmpty());
        assertThat(account.listed(id).path("status").asText()).isEqualTo("running");
        assertThat(account.listed(id).path("progress").asInt()).isZero();

        account.delete("/tasks/" + id).expect(200);

        assertThat(account.task(id).path("status").asText()).isEqualTo("cancelled");
        assertThat(account.rows(id)).isEmpty();
        assertThat(account.get("/tasks/" + id + "/download?format=csv")
                        .expect(200)
                        .text()
                        .lines())
                .hasSize(1);
    }

    @Test
    void aTestKeyIsGivenThreePages() {
        site.on("/sitemap.xml", sitemap(pages(5)));
        String key = account.newKey("test", "tasks:create", "tasks:read");

        Reply created = service.call("POST", "/tasks")
                .as(key)
                .json(request().json())
                .send()
                .expect(201);
        String id = created.json().path("id").asText();
        account.awaitEnd(id);

        assertThat(account.rows(id)).hasSize(3);
        assertThat(account.unitsUsed()).isZero();
        Reply refused = service.call("POST", "/tasks")
                .as(key)
                .json(request().config("sitemap_limit", "4").json())
                .send();
        refused.assertSelextractError(400, "validation_error");
        assertThat(refused.fields()).containsExactly("config.sitemap_limit");
    }

    @Test
    void moreThanTheAccountHasIsRefusedAtOnce() {
        Reply refused = account.post(
                "/tasks",
                request("bulk_scraping").config("sitemap_limit", "100000").json());

        refused.assertSelextractError(402, "insufficient_credits");
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void whatCannotBeMeantIsRefusedByItsField() {
        refused("config.urls", TaskRequest.bulk(List.of()).config("urls", "null"), "config.urls");
        refused("relative", request().config("sitemap_url", "\"/sitemap.xml\""), "config.sitemap_url");
        refused("too many", request().config("sitemap_limit", "101"), "config.sitemap_limit");
        refused("none", request().config("sitemap_limit", "0"), "config.sitemap_limit");
        refused("expression", request().config("sitemap_include", "\"(\""), "config.sitemap_include");
        refused("explosive", request().config("sitemap_include", "\"((a{100}){100}){100}\""), "config.sitemap_include");
        refused(
                "no sitemap",
                TaskRequest.simple(site.url("/page")).config("sitemap_limit", "5"),
                "config.sitemap_limit");
        refused(
                "no room",
                TaskRequest.simple(pages(100).toArray(String[]::new))
                        .config("sitemap_url", quoted(site.url("/sitemap.xml"))),
                "config.sitemap_url");
        ObjectNode neither = request().json();
        ((ObjectNode) neither.path("config")).remove("sitemap_url");
        Reply reply = account.post("/tasks", neither);
        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.text()).contains("is required where sitemap_url is not given");
    }

    private void refused(String what, TaskRequest request, String field) {
        Reply reply = account.post("/tasks", request.json());
        assertThat(reply.status()).as(what).isEqualTo(400);
        assertThat(reply.fields()).as(what).containsExactly(field);
    }

    private TaskRequest request() {
        return request("simple_scraping");
    }

    private TaskRequest request(String type) {
        TaskRequest request = TaskRequest.simple().with("task_type", quoted(type));
        ((ObjectNode) request.json().path("config")).remove("urls");
        return request.config("sitemap_url", quoted(site.url("/sitemap.xml")));
    }

    private List<String> pages(int count) {
        return IntStream.range(0, count).mapToObj(n -> site.url("/page?n=" + n)).toList();
    }

    private static MisbehavingOrigin.Behaviour sitemap(List<String> pages) {
        return Behaviours.body("application/xml", Behaviours.utf8(urlset(pages)));
    }

    private static String urlset(List<String> pages) {
        StringBuilder text =
                new StringBuilder("<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>");
        pages.forEach(page -> text.append("<url><loc>").append(page).append("</loc></url>"));
        return text.append("</urlset>").toString();
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
