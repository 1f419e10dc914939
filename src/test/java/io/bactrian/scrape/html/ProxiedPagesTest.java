package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.SettableClock;
import io.bactrian.TestFork;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.LocalProxy;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages through pools of real proxies, some of which refuse or die. */
@Timeout(120)
class ProxiedPagesTest {
    private static final SelectorPlan PLAN =
            SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));
    private static final ProxyRotation IN_TURN = new ProxyRotation(null, false);
    private static final ProxyRotation STICKY = new ProxyRotation(null, true);

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final LocalProxy http = LocalProxy.http();
    private final LocalProxy other = LocalProxy.http();
    private final LocalProxy socks5 = LocalProxy.socks5();
    private final SettableClock clock = new SettableClock();
    private final EgressProperties properties = EgressProperties.allowing("127.0.0.1");
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);

    ProxiedPagesTest() {
        origin.on("/", Behaviours.page("<title>Hello</title>"));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        http.close();
        other.close();
        socks5.close();
        origin.close();
    }

    @Test
    void pagesGoThroughTheProxiesInTurn() {
        HtmlScraper scraper = scraper(http.url(), other.url(), socks5.url());

        for (int page = 0; page < 9; page++) {
            assertThat(scrape(scraper, "/", IN_TURN, "lane")).isInstanceOf(Outcome.Scraped.class);
        }

        assertThat(http.targets()).hasSize(3);
        assertThat(other.targets()).hasSize(3);
        assertThat(origin.requestsFor("/")).hasSize(9);
    }

    @Test
    void aLaneKeepsItsProxy() {
        HtmlScraper scraper = scraper(http.url(), other.url());

        for (int lane = 0; lane < 8; lane++) {
            int before = http.targets().size();
            for (int page = 0; page < 3; page++) {
                assertThat(scrape(scraper, "/", STICKY, "lane/" + lane)).isInstanceOf(Outcome.Scraped.class);
            }
            assertThat(http.targets().size() - before).isIn(0, 3);
        }
        assertThat(http.targets()).hasSizeBetween(3, 21);
    }

    @Test
    void theRedirectsOfAPageStayWithItsProxy() {
        origin.on("/from", Behaviours.redirect(302, "/"));
        HtmlScraper scraper = scraper(http.url(), other.url());

        scrape(scraper, "/from", IN_TURN, "lane");

        assertThat(http.targets()).hasSize(2);
        assertThat(other.targets()).isEmpty();
    }

    @Test
    void proxiesThatRefuseArePassedOverWithinTheAttemptAndRest() throws IOException {
        String closed = "http://127.0.0.1:" + TestFork.freePort();
        HtmlScraper scraper = scraper(closed, http.urlWithOtherCredentials(), other.url());

        for (int page = 0; page < 6; page++) {
            assertThat(scrape(scraper, "/", IN_TURN, "lane")).isInstanceOf(Outcome.Scraped.class);
        }

        assertThat(other.targets()).hasSize(6);
        assertThat(origin.requestsFor("/")).hasSize(6);
    }

    @Test
    void nothingIsLostWhenAProxyDiesAmongManyPages() throws Exception {
        origin.on("/", (request, socket, out) -> {
            if (origin.requests().size() == 40) {
                other.die();
            }
            return Behaviours.page("<title>Hello</title>").answer(request, socket, out);
        });
        HtmlScraper scraper = scraper(http.url(), other.url());
        try (ExecutorService lanes = Executors.newFixedThreadPool(8)) {
            List<Future<Outcome>> pages = IntStream.range(0, 120)
                    .mapToObj(page -> lanes.submit(() -> retried(scraper, "lane/" + page % 8)))
                    .toList();
            for (Future<Outcome> page : pages) {
                assertThat(page.get()).isInstanceOf(Outcome.Scraped.class);
            }
        }
    }

    /** As the lane does with a page that may be had the next time. */
    private Outcome retried(HtmlScraper scraper, String lane) {
        Outcome first = scrape(scraper, "/", IN_TURN, lane);
        return first instanceof Outcome.Failed failed && failed.retryable()
                ? scrape(scraper, "/", IN_TURN, lane)
                : first;
    }

    @Test
    void aPageIsUnavailableWhenNoProxyIsLeftUntilOneHasRested() throws IOException {
        String closed = "socks5://127.0.0.1:" + TestFork.freePort();
        HtmlScraper scraper = scraper(closed, http.urlWithOtherCredentials());

        Outcome outcome = scrape(scraper, "/", IN_TURN, "lane");

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.PROXY_UNAVAILABLE);
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.message()).doesNotContain("other");
        });
        int asked = http.targets().size();
        assertThat(scrape(scraper, "/", STICKY, "lane")).isInstanceOf(Outcome.Failed.class);
        assertThat(http.targets()).hasSize(asked);
        assertThat(origin.connections()).isZero();

        clock.advance(Duration.ofMinutes(1));
        assertThat(scraper.proxies.choose(IN_TURN, "lane")).isNotNull();
    }

    @Test
    void aSiteThatRefusesIsNotHeldAgainstTheProxy() throws IOException {
        HtmlScraper scraper = scraper(http.url());
        origin.on("/407", Behaviours.status(407, "Proxy-Authenticate: Basic realm=\"x\""))
                .on("/502", Behaviours.status(502));

        assertThat(code(scrape(scraper, "/407", IN_TURN, "lane"))).isEqualTo(ErrorCode.HTTP_4XX);
        assertThat(code(scrape(scraper, "/502", IN_TURN, "lane"))).isEqualTo(ErrorCode.HTTP_5XX);
        assertThat(code(scraper.scrape(page("http://127.0.0.1:" + TestFork.freePort() + "/", IN_TURN, "lane"))))
                .isEqualTo(ErrorCode.CONNECTION_REFUSED);
        assertThat(code(scraper.scrape(page("http://127.0.0.2:" + origin.port() + "/", IN_TURN, "lane"))))
                .isEqualTo(ErrorCode.EGRESS_REFUSED);
        assertThat(scrape(scraper, "/", IN_TURN, "lane")).isInstanceOf(Outcome.Scraped.class);
    }

    @Test
    void aPoolThatIsNotConfiguredMeansDirectly() {
        HtmlScraper scraper = scraper(http.url());

        assertThat(scrape(scraper, "/", new ProxyRotation("unknown", false), "lane"))
                .isInstanceOf(Outcome.Scraped.class);
        assertThat(scrape(scraper, "/", null, "lane")).isInstanceOf(Outcome.Scraped.class);
        assertThat(http.targets()).isEmpty();
        assertThat(origin.connections()).isOne();
    }

    private HtmlScraper scraper(String... proxies) {
        UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
        return new HtmlScraper(
                client,
                new RobotsTxt(client, userAgent, clock),
                userAgent,
                clock,
                Proxies.of(Map.of("default", List.of(proxies)), clock));
    }

    private Outcome scrape(HtmlScraper scraper, String path, @Nullable ProxyRotation rotation, String lane) {
        return scraper.scrape(page(origin.url(path), rotation, lane));
    }

    private static PageRequest page(String url, @Nullable ProxyRotation rotation, String lane) {
        ScrapeOptions options =
                new ScrapeOptions(true, Duration.ofSeconds(30), Map.of(), Map.of(), false, rotation, null);
        return new PageRequest(url, options, PLAN, 1, lane);
    }

    private static @Nullable ErrorCode code(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed ? failed.code() : null;
    }
}
