package io.bactrian.flow;

import static io.bactrian.flow.RunningService.COMPUTE_UNITS;
import static io.bactrian.flow.RunningService.PAGE_UNITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code follow}, as clients and sites see it. */
@ExtendWith(RunningService.class)
class FollowTest {
    private static final String NEXT = "{\"next\": \"a.next\", \"max_pages\": 10}";

    private final Service service;
    private final Account account;
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    FollowTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void eachPageOfAChainIsARowAfterItsUrlAndIsPaidFor() throws IOException {
        site.on("/list", chain(4, Duration.ZERO)).on("/single", Behaviours.page("<h1>Single</h1>"));
        List<String> urls = List.of(url("/list?u=a"), url("/single"), url("/list?u=b"), url("/gone"));

        Reply created = account.post(
                        "/tasks",
                        TaskRequest.bulk(urls)
                                .config("follow", NEXT)
                                .config("batch_size", "2")
                                .json())
                .expect(201);
        String id = created.json().path("id").asText();
        JsonNode ended = account.awaitEnd(id);

        List<String> pages = new ArrayList<>(chainUrls("a", 4));
        pages.add(url("/single"));
        pages.addAll(chainUrls("b", 4));
        pages.add(url("/gone"));
        List<JsonNode> rows = account.rows(id);
        assertThat(rows).extracting(row -> row.path("url").asText()).isEqualTo(pages);
        assertThat(rows.get(3).path("data").path("title").asText()).isEqualTo("a 3");
        assertThat(rows.getLast().path("error").path("code").asText()).isEqualTo("http_4xx");
        assertThat(created.json().path("estimated_compute_units").asInt()).isEqualTo(4 * 10 * PAGE_UNITS);
        assertThat(ended.path("status").asText()).isEqualTo("completed");
        assertThat(ended.path("progress").asInt()).isEqualTo(100);
        assertThat(ended.path("compute_units_consumed").asInt()).isEqualTo(9 * PAGE_UNITS);
        assertThat(ended.path("config").path("urls")).hasSize(4);
        assertThat(account.unitsUsed()).isEqualTo(9 * PAGE_UNITS);
        assertThat(account.listed(id).path("progress").asInt()).isEqualTo(100);
        assertThat(account.get("/tasks/" + id + "/download?format=csv")
                        .expect(200)
                        .text()
                        .lines())
                .hasSize(11);
        // All that was not consumed can be reserved again.
        String rest = account.create(TaskRequest.bulk(Visitors.urls(url("/single"), COMPUTE_UNITS / PAGE_UNITS - 9)));
        account.delete("/tasks/" + rest).expect(200);
    }

    @Test
    void individualFilesAreOneForEachPage() throws IOException {
        site.on("/list", chain(3, Duration.ZERO));
        String id = account.create(TaskRequest.bulk(List.of(url("/list?u=a"), url("/list?u=b")))
                .config("follow", NEXT)
                .config("export_individual_files", "true"));
        account.awaitEnd(id);

        List<String> names = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(
                account.get("/tasks/" + id + "/download").expect(200).body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName().substring(0, 6));
            }
        }

        assertThat(names).containsExactly("000001", "000002", "000003", "000004", "000005", "000006");
    }

    @Test
    void aChainEndsAtItsLimitAndWhereItTurnsBack() {
        site.on("/endless", chain(1_000, Duration.ZERO))
                .on("/a", linked("<a class=next href='/b#top'>"))
                .on("/b", linked("<a class=next href='/c'>"))
                .on("/c", linked("<a class=next href='/a?'>x</a>"))
                .on("/self", linked("<a class=next href='#more'>"))
                .on("/moved", Behaviours.redirect(302, "/a"));

        List<JsonNode> endless = account.rowsOf(
                TaskRequest.simple(url("/endless?u=e")).config("follow", "{\"next\": \"a.next\", \"max_pages\": 3}"));
        List<JsonNode> one = account.rowsOf(
                TaskRequest.simple(url("/endless?u=e")).config("follow", "{\"next\": \"a.next\", \"max_pages\": 1}"));
        List<JsonNode> usual =
                account.rowsOf(TaskRequest.simple(url("/endless?u=e")).config("follow", "{\"next\": \"a.next\"}"));
        List<JsonNode> self = account.rowsOf(TaskRequest.simple(url("/self")).config("follow", NEXT));

        assertThat(endless).hasSize(3);
        assertThat(one).hasSize(1);
        assertThat(usual).hasSize(10);
        assertThat(self).hasSize(1);
        // "/a?" is another URL than "/a", and the last that is new.
        assertThat(account.rowsOf(TaskRequest.simple(url("/a")).config("follow", NEXT)))
                .extracting(row -> row.path("url").asText())
                .containsExactly(url("/a"), url("/b"), url("/c"), url("/a?"));
    }

    @Test
    void theLinkIsFoundByCssXpathOrAttributeAndResolvedAgainstTheBase() {
        site.on("/css", linked("<base href='/dir/'><a class=next href='page'>x</a><a class=next href='/no'>y</a>"))
                .on("/xpath", linked("<a rel=next href='/dir/page'>x</a>"))
                .on("/attribute", linked("<button data-next='/dir/page'>more</button>"))
                .on("/text", linked("<span class=next>/dir/page</span>"))
                .on("/dir/page", Behaviours.page("<h1>Found</h1>"));

        assertThat(followed("/css", "a.next")).containsExactly(url("/css"), url("/dir/page"));
        assertThat(followed("/xpath", "xpath://a[@rel='next']")).containsExactly(url("/xpath"), url("/dir/page"));
        assertThat(followed("/xpath", "xpath://a[@rel='next']/@href")).containsExactly(url("/xpath"), url("/dir/page"));
        assertThat(followed("/attribute", "button@data-next")).containsExactly(url("/attribute"), url("/dir/page"));
        assertThat(followed("/text", "xpath://span/text()")).containsExactly(url("/text"), url("/dir/page"));
        assertThat(followed("/text", "span.next")).containsExactly(url("/text"));
    }

    @Test
    void linksToOtherHostsAndToWhatIsNoPageAreNotFollowed() {
        try (MisbehavingOrigin other = MisbehavingOrigin.start()) {
            other.on("/", Behaviours.page("<h1>Other</h1>"));
            List<String> links = List.of(
                    "http://127.0.0.2:" + other.port() + "/",
                    "http://localhost:" + other.port() + "/",
                    "javascript:next()",
                    "mailto:a@example.com",
                    "http://",
                    "http://user@127.0.0.2:" + other.port() + "/");
            site.on(
                    "/page",
                    (request, socket, out) -> linked("<a class=next href='"
                                    + links.get(
                                            Integer.parseInt(request.target().replaceAll(".*=", ""))) + "'>x</a>")
                            .answer(request, socket, out));

            List<String> urls = IntStream.range(0, links.size())
                    .mapToObj(n -> url("/page?n=" + n))
                    .toList();
            List<JsonNode> rows = account.rowsOf(
                    TaskRequest.simple(urls.toArray(String[]::new)).config("follow", NEXT));

            assertThat(rows).hasSize(links.size());
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void aNextPageThatFailsIsARowWithItsErrorAndTheLast() throws IOException {
        site.on("/1", linked("<a class=next href='/2'>"))
                .on("/2", linked("<a class=next href='/3'>"))
                .on("/3", Behaviours.status(410));

        List<JsonNode> rows = account.rowsOf(TaskRequest.simple(url("/1")).config("follow", NEXT));

        assertThat(rows).hasSize(3);
        assertThat(rows.get(2).path("url").asText()).isEqualTo(url("/3"));
        assertThat(rows.get(2).path("error").path("code").asText()).isEqualTo("http_4xx");
        assertThat(account.unitsUsed()).isEqualTo(2 * PAGE_UNITS);
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 88, 0, 1}));
                MisbehavingOrigin shop = MisbehavingOrigin.start(listener)) {
            String origin = "http://127.88.0.1:" + listener.getLocalPort();
            shop.on(
                            "/robots.txt",
                            Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private\n")))
                    .on("/public", linked("<a class=next href='/private'>"));
            rows = account.rowsOf(TaskRequest.simple(origin + "/public").config("follow", NEXT));
            assertThat(rows.get(1).path("error").path("code").asText()).isEqualTo("robots_disallowed");
            assertThat(shop.requestsFor("/private")).isEmpty();
        }
    }

    @Test
    void aNextPageIsTriedAgainLikeAnyOther() {
        AtomicInteger visits = new AtomicInteger();
        site.on("/1", linked("<a class=next href='/2'>"))
                .on(
                        "/2",
                        (request, socket, out) -> (visits.incrementAndGet() < 3
                                        ? Behaviours.status(503)
                                        : linked("<a class=next href='/3'>"))
                                .answer(request, socket, out))
                .on("/3", linked("<a class=next href='/1'>"));

        List<JsonNode> rows = account.rowsOf(
                TaskRequest.simple(url("/1")).config("follow", NEXT).config("include_metadata", "true"));

        assertThat(rows).extracting(row -> row.path("url").asText()).containsExactly(url("/1"), url("/2"), url("/3"));
        assertThat(rows)
                .extracting(row -> row.path("metadata").path("attempts").asInt())
                .containsExactly(1, 3, 1);
    }

    @Test
    void noMoreRequestsThanAllowedAreUnderWayAndProgressNeverFalls() {
        site.on("/list", chain(6, Duration.ofMillis(50)));
        List<String> urls =
                IntStream.range(0, 20).mapToObj(n -> url("/list?u=" + n)).toList();
        String id = account.create(TaskRequest.bulk(urls)
                .config("follow", "{\"next\": \"a.next\", \"max_pages\": 20}")
                .config("parallel_requests", "3")
                .config("batch_size", "1"));

        List<Integer> seen = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    JsonNode task = account.listed(id);
                    seen.add(task.path("progress").asInt());
                    return task.path("status").asText().equals("completed");
                });

        assertThat(mostAtOnce.get()).isLessThanOrEqualTo(3);
        assertThat(seen).isSorted();
        assertThat(seen.getLast()).isEqualTo(100);
        assertThat(seen.stream().distinct()).hasSizeGreaterThan(3);
        assertThat(account.rows(id)).hasSize(120);
    }

    @Test
    void aCancelledTaskHasARowForEachUrlAndForEachPageItHad() {
        site.on("/list", chain(8, Duration.ofMillis(30)));
        List<String> urls =
                IntStream.range(0, 40).mapToObj(n -> url("/list?u=" + n)).toList();
        String id = account.create(TaskRequest.bulk(urls)
                .config("follow", NEXT)
                .config("batch_size", "1")
                .config("parallel_requests", "2"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> account.listed(id).path("progress").asInt() >= 5);

        account.delete("/tasks/" + id).expect(200);

        await().atMost(Duration.ofSeconds(60)).until(() -> account.unitsUsed() > 0);
        int had = account.task(id).path("compute_units_consumed").asInt() / PAGE_UNITS;
        List<JsonNode> rows = account.rows(id);
        assertThat(had).isBetween(16, 320);
        assertThat(rows).filteredOn(row -> row.path("error").isNull()).hasSize(had);
        assertThat(rows).extracting(row -> row.path("url").asText()).containsAll(urls);
        assertThat(rows)
                .filteredOn(row -> !row.path("error").isNull())
                .allMatch(row -> row.path("error").path("code").asText().equals("cancelled"))
                .allMatch(row -> urls.contains(row.path("url").asText()));
        assertThat(account.unitsUsed()).isEqualTo(had * PAGE_UNITS);
    }

    @Test
    void withMaxAgeAWholeChainIsAnsweredFromTheCache() {
        site.on("/list", chain(4, Duration.ZERO));
        TaskRequest request =
                TaskRequest.simple(url("/list?u=a")).config("follow", NEXT).config("max_age", "600");

        List<JsonNode> first = account.rowsOf(request);
        List<JsonNode> second = account.rowsOf(request);

        assertThat(second).isEqualTo(first).hasSize(4);
        assertThat(site.requests())
                .filteredOn(seen -> seen.target().startsWith("/list"))
                .hasSize(4);
        assertThat(account.unitsUsed()).isEqualTo(8 * PAGE_UNITS);
    }

    @Test
    void whatCannotBeMeantIsRefusedByItsField() {
        refused("{\"next\": \"a[\"}", "config.follow.next");
        refused("{\"next\": \"xpath://a[\"}", "config.follow.next");
        refused("{\"next\": \" \"}", "config.follow.next");
        refused("{\"next\": \"\"}", "config.follow.next");
        refused("{\"next\": 5}", "config.follow.next");
        refused("{\"max_pages\": 5}", "config.follow.next");
        refused("{\"next\": \"a\", \"max_pages\": 0}", "config.follow.max_pages");
        refused("{\"next\": \"a\", \"max_pages\": 101}", "config.follow.max_pages");
        refused("{\"next\": \"a\", \"limit\": 5}", "config.follow.limit");
        refused("\"a.next\"", "config.follow");
        Reply broke = account.post(
                "/tasks",
                TaskRequest.bulk(Visitors.urls(url("/list"), 100))
                        .config("follow", "{\"next\": \"a\", \"max_pages\": 100}")
                        .json());
        broke.assertSelextractError(402, "insufficient_credits");
    }

    @Test
    void aTestKeyIsGivenThreePages() {
        site.on("/list", chain(9, Duration.ZERO));
        String key = account.newKey("test", "tasks:create", "tasks:read");

        Reply refused = service.call("POST", "/tasks")
                .as(key)
                .json(TaskRequest.simple(url("/list?u=a"))
                        .config("follow", NEXT)
                        .json())
                .send();
        Reply created = service.call("POST", "/tasks")
                .as(key)
                .json(TaskRequest.simple(url("/list?u=a"))
                        .config("follow", "{\"next\": \"a.next\", \"max_pages\": 3}")
                        .json())
                .send()
                .expect(201);

        refused.assertSelextractError(400, "validation_error");
        assertThat(refused.fields()).containsExactly("config.follow.max_pages");
        account.awaitEnd(created.json().path("id").asText());
        assertThat(account.rows(created.json().path("id").asText())).hasSize(3);
    }

    private void refused(String follow, String field) {
        Reply reply = account.post(
                "/tasks",
                TaskRequest.simple(url("/list")).config("follow", follow).json());
        assertThat(reply.status()).as(follow).isEqualTo(400);
        assertThat(reply.fields()).as(follow).containsExactly(field);
    }

    private List<String> followed(String path, String next) {
        return account.rowsOf(TaskRequest.simple(url(path)).config("follow", "{\"next\": \"" + next + "\"}")).stream()
                .map(row -> row.path("url").asText())
                .toList();
    }

    private List<String> chainUrls(String name, int pages) {
        List<String> urls = new ArrayList<>(List.of(url("/list?u=" + name)));
        for (int page = 1; page < pages; page++) {
            urls.add(url("/list?u=" + name + "&p=" + page));
        }
        return urls;
    }

    /** Pages that each link to the next one, until there are so many. */
    private MisbehavingOrigin.Behaviour chain(int pages, Duration latency) {
        return (request, socket, out) -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            String name = request.target().replaceAll(".*u=", "").replaceAll("&.*", "");
            int page = request.target().contains("p=")
                    ? Integer.parseInt(request.target().replaceAll(".*p=", ""))
                    : 0;
            String link =
                    page + 1 < pages ? "<a class=next href='?u=" + name + "&amp;p=" + (page + 1) + "'>next</a>" : "";
            LockSupport.parkNanos(latency.toNanos());
            atOnce.decrementAndGet();
            return Behaviours.page("<h1>" + name + " " + page + "</h1>" + link).answer(request, socket, out);
        };
    }

    private static MisbehavingOrigin.Behaviour linked(String html) {
        return Behaviours.page("<h1>A page</h1>" + html);
    }

    private String url(String path) {
        return site.url(path);
    }
}
