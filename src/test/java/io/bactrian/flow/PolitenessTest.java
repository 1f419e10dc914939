package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sites that are asked at a limited pace: each test has an address of its own, for the service remembers hosts.
 *
 * <p>One request more than the limit is let pass everywhere: between the decision of the service and what a site sees lie two
 * busy processes.
 */
@ExtendWith(RunningService.class)
class PolitenessTest {
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int LIMIT = 4 + 1;

    private final Service service;
    private final Account account;
    private final Visitors visitors = new Visitors();
    private final MisbehavingOrigin site = MisbehavingOrigin.startAt("127.0.9." + ADDRESSES.incrementAndGet());

    PolitenessTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void allTasksTogetherAskASiteNoFasterThanItsPace() {
        site.on("/page", visitors.page(Duration.ofMillis(300)));
        Account other = service.register();
        List<String> urls = Visitors.urls(site.url("/page"), 8);

        String first = account.create(TaskRequest.bulk(urls));
        List<JsonNode> rows = other.rowsOf(TaskRequest.bulk(urls).config("parallel_requests", "8"));
        account.awaitEnd(first);

        assertThat(rows).extracting(row -> row.path("url").asText()).isEqualTo(urls);
        assertThat(rows).allMatch(row -> row.path("error").isNull());
        assertThat(account.rows(first))
                .hasSize(8)
                .allMatch(row -> row.path("error").isNull());
        assertThat(visitors.all()).isEqualTo(16);
        assertThat(visitors.most()).as("visitors at once").isLessThanOrEqualTo(2);
        assertThat(site.mostWithin(SECOND)).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void redirectsTakeTurnsOfTheirOwn() {
        site.on("/page", visitors.page(Duration.ZERO))
                .on("/from", Behaviours.redirect(301, "/over"))
                .on("/over", Behaviours.redirect(301, "/page?n=7"));

        List<JsonNode> rows = account.rowsOf(TaskRequest.bulk(Visitors.urls(site.url("/from"), 4))
                .config("parallel_requests", "4")
                .config("include_metadata", "true"));

        assertThat(rows)
                .hasSize(4)
                .allMatch(row -> row.path("data").path("title").asText().equals("/page?n=7"))
                .allMatch(row -> row.path("metadata").path("final_url").asText().equals(site.url("/page?n=7")))
                .allMatch(row -> row.path("metadata").path("attempts").asInt() == 1);
        assertThat(site.requests()).hasSize(12 + 1);
        assertThat(site.mostWithin(SECOND)).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void aCrawlDelayCountsFromTheFirstPageOn() {
        site.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nCrawl-delay: 1.5")))
                .on("/page", visitors.page(Duration.ZERO));

        List<JsonNode> rows = account.rowsOf(
                TaskRequest.bulk(Visitors.urls(site.url("/page"), 4)).config("parallel_requests", "4"));

        assertThat(rows).hasSize(4).allMatch(row -> row.path("error").isNull());
        assertThat(site.requestsFor("/robots.txt")).hasSize(1);
        // robots.txt and the first page may come together, two pages may not.
        assertThat(site.mostWithin(SECOND)).isLessThanOrEqualTo(2);
    }

    @Test
    void aSiteThatIsTooBusyIsLeftAloneByOtherAccountsToo() {
        Queue<Long> visits = new ConcurrentLinkedQueue<>();
        Behaviour busyAtFirst = (request, socket, out) -> {
            visits.add(System.nanoTime());
            return (visits.size() == 1 ? Behaviours.status(503, "Retry-After: 3") : Behaviours.page("<h1>Now</h1>"))
                    .answer(request, socket, out);
        };
        site.on("/page", busyAtFirst);

        Account other = service.register();
        String first = account.create(TaskRequest.simple(site.url("/page")));
        await().atMost(Duration.ofSeconds(30)).until(this::isHeld);
        List<JsonNode> rows = other.rowsOf(TaskRequest.bulk(Visitors.urls(site.url("/page"), 3)));
        account.awaitEnd(first);

        assertThat(rows).allMatch(row -> row.path("data").path("title").asText().equals("Now"));
        assertThat(account.rows(first).getFirst().path("data").path("title").asText())
                .isEqualTo("Now");
        List<Long> times = List.copyOf(visits);
        assertThat(times).hasSize(5);
        assertThat(Duration.ofNanos(times.get(1) - times.get(0))).isGreaterThan(Duration.ofMillis(2_900));
    }

    private boolean isHeld() {
        return service.database()
                .sql("SELECT count(*) > 0 FROM host_clock WHERE 'http://' || host || '/' = ? AND hold_until > due_at")
                .param(site.url("/"))
                .query(Boolean.class)
                .single();
    }
}
