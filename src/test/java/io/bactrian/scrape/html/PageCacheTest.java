package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.HttpUrl;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Request;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageCaching;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.ExtractionProperties;
import io.bactrian.scrape.select.Extractor;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

/** What is answered from the cache, what is asked for conditionally, and what is kept. */
@Timeout(60)
class PageCacheTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final AtomicInteger OWNERS = new AtomicInteger();
    private static final Duration HOUR = Duration.ofHours(1);

    private final SettableClock clock = new SettableClock();
    private final String owner = "owner " + OWNERS.incrementAndGet();
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final EgressProperties properties = new EgressProperties(
            List.of("127.0.0.0/8"),
            List.of(),
            DataSize.ofMegabytes(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            64,
            64,
            Duration.ofSeconds(30));
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);
    private final UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
    private final DatabasePageCache cache = cache(DataSize.ofGigabytes(1));
    private final HtmlScraper scraper = new HtmlScraper(
            client,
            new RobotsTxt(client, userAgent, clock),
            userAgent,
            cache,
            clock,
            Proxies.of(Map.of(), clock),
            new Extractor(ExtractionProperties.defaults()));

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        origin.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aPageFetchedWithinMaxAgeIsAnsweredWithoutARequest() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        Outcome.Scraped first = scraped("/", HOUR);
        origin.on("/", Behaviours.page("<title>Two</title>"));
        clock.advance(Duration.ofMinutes(59));

        Outcome.Scraped second = scraped("/", HOUR);

        assertThat(second.data()).isEqualTo("{\"title\":\"One\"}");
        assertThat(origin.requestsFor("/")).hasSize(1);
        assertThat(first.metadata().cached()).isFalse();
        assertThat(second.metadata().cached()).isTrue();
        assertThat(second.metadata().fetchedAt()).isCloseTo(first.metadata().fetchedAt(), within(1, ChronoUnit.MILLIS));
        assertThat(second.metadata().statusCode()).isEqualTo(200);
        assertThat(second.metadata().contentType()).isEqualTo("text/html; charset=utf-8");
        assertThat(second.metadata().finalUrl()).isEqualTo(origin.url("/"));
    }

    @Test
    void anOlderPageIsAskedForConditionallyAnd304AnswersFromTheCache() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        scraped("/", HOUR);
        clock.advance(Duration.ofHours(2));

        Outcome.Scraped confirmed = scraped("/", HOUR);

        assertThat(confirmed.data()).isEqualTo("{\"title\":\"One\"}");
        assertThat(confirmed.metadata().cached()).isTrue();
        assertThat(confirmed.metadata().statusCode()).isEqualTo(200);
        assertThat(confirmed.metadata().fetchedAt()).isEqualTo(clock.instant());
        Request second = origin.requestsFor("/").getLast();
        assertThat(second.header("if-none-match")).isEqualTo("\"v1\"");
        assertThat(second.header("if-modified-since")).isEqualTo("Sun, 01 Mar 2026 10:00:00 GMT");
        clock.advance(Duration.ofMinutes(30));
        scraped("/", HOUR);
        assertThat(origin.requestsFor("/"))
                .as("the 304 has made it fresh again")
                .hasSize(2);
    }

    @Test
    void aChangedPageTakesThePlaceOfTheOldOne() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        scraped("/", HOUR);
        clock.advance(Duration.ofHours(2));
        origin.on("/", tagged("\"v2\"", "<title>Two</title>"));

        assertThat(scraped("/", HOUR).data()).isEqualTo("{\"title\":\"Two\"}");
        assertThat(scraped("/", HOUR).data()).isEqualTo("{\"title\":\"Two\"}");
        assertThat(origin.requestsFor("/")).hasSize(2);
    }

    @Test
    void aMaxAgeOfNothingAsksForEachPageConditionally() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));

        scraped("/", Duration.ZERO);
        Outcome.Scraped second = scraped("/", Duration.ZERO);

        assertThat(second.metadata().cached()).isTrue();
        assertThat(origin.requestsFor("/")).hasSize(2);
        assertThat(origin.requestsFor("/").getFirst().header("if-none-match")).isNull();
    }

    @Test
    void aPageWithoutValidatorsIsFetchedAnewWhenItIsOld() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        scraped("/", HOUR);
        clock.advance(HOUR);

        assertThat(scraped("/", HOUR).metadata().cached()).isFalse();
        assertThat(origin.requestsFor("/").getLast().header("if-none-match")).isNull();
    }

    @Test
    void withoutMaxAgeNothingIsLookedUpOrKept() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        ScrapeOptions plain = options(Map.of(), Map.of());

        assertThat(scrape("/", plain).metadata().cached()).isNull();
        scraped("/", HOUR);
        scrape("/", plain);

        assertThat(origin.requestsFor("/")).hasSize(3);
    }

    @Test
    void noOwnerIsGivenThePagesOfAnother() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        scraped("/", HOUR);

        Outcome other = scrape("/", options(Map.of(), Map.of()).with(new PageCaching("somebody else", HOUR)));

        assertThat(other.metadata().cached()).isFalse();
        assertThat(origin.requestsFor("/")).hasSize(2);
        assertThat(origin.requestsFor("/").getLast().header("if-none-match")).isNull();
    }

    @Test
    void otherHeadersOrCookiesAreAnotherPage() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        List<ScrapeOptions> different = List.of(
                options(Map.of(), Map.of()),
                options(Map.of("Accept-Language", "de"), Map.of()),
                options(Map.of("Accept-Language", "fr"), Map.of()),
                options(Map.of(), Map.of("Accept-Language", "fr")),
                options(Map.of(), Map.of("session", "1")),
                new ScrapeOptions(false, Duration.ofSeconds(10), Map.of(), Map.of(), false));

        for (ScrapeOptions options : different) {
            assertThat(scrape("/", kept(options)).metadata().cached()).isFalse();
        }
        for (ScrapeOptions options : different) {
            assertThat(scrape("/", kept(options)).metadata().cached()).isTrue();
        }
        assertThat(scrape("/", kept(options(Map.of("accept-language", "de"), Map.of())))
                        .metadata()
                        .cached())
                .isTrue();
    }

    @Test
    void aRedirectIsKeptUnderTheUrlThatWasAskedForWithWhereItLed() {
        origin.on("/old", Behaviours.redirect(301, "/new/")).on("/new/", tagged("\"v1\"", "<a href=more>x</a>"));
        scraped("/old", HOUR);

        Outcome.Scraped again = scraped("/old", HOUR);

        assertThat(again.metadata().finalUrl()).isEqualTo(origin.url("/new/"));
        assertThat(origin.requests()).hasSize(2);
        clock.advance(Duration.ofHours(2));
        assertThat(scraped("/old", HOUR).metadata().cached()).isTrue();
        assertThat(origin.requestsFor("/old").getLast().header("if-none-match"))
                .as("the entity tag is the other page's")
                .isNull();
        assertThat(origin.requestsFor("/new/").getLast().header("if-none-match"))
                .isEqualTo("\"v1\"");
    }

    @Test
    void whatMayNotBeStoredIsNotAndTakesTheOlderPageAlong() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        scraped("/", HOUR);
        clock.advance(Duration.ofHours(2));
        origin.on(
                "/",
                Behaviours.body(
                        "text/html", Behaviours.utf8("<title>Two</title>"), "Cache-Control: private, No-Store"));
        scraped("/", HOUR);

        assertThat(scraped("/", Duration.ofDays(7)).metadata().cached()).isFalse();
        assertThat(origin.requestsFor("/")).hasSize(3);
        assertThat(rows()).isZero();
    }

    @Test
    void errorsAndPagesThatAreVeryLargeAreNotKept() {
        origin.on("/gone", Behaviours.status(404))
                .on("/partial", Behaviours.answer("203 Changed", Behaviours.utf8("<title>a</title>")))
                .on("/large", Behaviours.page("<title>Large</title>" + "x".repeat(PageCache.LARGEST_BODY)));

        scrape("/gone", kept(options(Map.of(), Map.of())));
        scraped("/partial", HOUR);
        scraped("/large", HOUR);

        assertThat(rows()).isZero();
    }

    @Test
    void a304ThatNobodyAskedForIsNoPage() {
        origin.on("/", Behaviours.raw("HTTP/1.1 304 Not Modified\r\n\r\n"));

        Outcome outcome = scrape("/", kept(options(Map.of(), Map.of())));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.HTTP_3XX));
    }

    @Test
    void aTaskWithConditionsOfItsOwnIsLeftToThem() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        ScrapeOptions options = kept(options(Map.of("If-None-Match", "\"v0\""), Map.of()));

        scrape("/", options);
        scrape("/", options);

        assertThat(origin.requestsFor("/")).hasSize(2);
        assertThat(rows()).isZero();
    }

    @Test
    void robotsTxtAndTheGuardAreAppliedToPagesOfTheCache() {
        origin.on("/page", Behaviours.page("<title>One</title>"))
                .on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /page")));
        scraped("/page", HOUR);
        ScrapeOptions polite = new ScrapeOptions(true, Duration.ofSeconds(10), Map.of(), Map.of(), true);

        Outcome outcome = scrape("/page", kept(polite));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.ROBOTS_DISALLOWED));
        PageRequest forbidden = new PageRequest("http://10.0.0.1/", kept(options(Map.of(), Map.of())), plan(), 1);
        byte[] key = CacheKey.of(HttpUrl.parse(forbidden.url()), forbidden.options(), forbidden.trusted());
        cache.keep(
                owner,
                key,
                new CachedPage("http://10.0.0.1/", null, null, null, clock.instant(), Behaviours.utf8("<p>")));
        assertThat(scraper.scrape(forbidden))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.EGRESS_REFUSED));
    }

    @Test
    void theOldestPagesAreForgottenBeyondTheLargestSizeAndAllAfterAWeek() {
        DATABASE.jdbc().sql("DELETE FROM page_cache").update();
        for (int page = 0; page < 5; page++) {
            origin.on("/" + page, Behaviours.page("<title>" + page + "</title>"));
            scraped("/" + page, HOUR);
            clock.advance(Duration.ofMinutes(1));
        }

        cache(DataSize.ofBytes(1_500)).forgetOld();

        assertThat(rows()).isEqualTo(2);
        assertThat(scraped("/4", HOUR).metadata().cached()).isTrue();
        assertThat(scraped("/0", HOUR).metadata().cached()).isFalse();
        clock.advance(Duration.ofDays(8));
        cache.forgetOld();
        assertThat(rows()).isZero();
    }

    @Test
    void anOwnerIsForgottenWithAllItsPages() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        scraped("/", HOUR);
        scrape("/", options(Map.of(), Map.of()).with(new PageCaching("a neighbour", HOUR)));

        cache.forget(owner);

        assertThat(rows()).isZero();
        assertThat(scrape("/", options(Map.of(), Map.of()).with(new PageCaching("a neighbour", HOUR)))
                        .metadata()
                        .cached())
                .isTrue();
    }

    @Test
    void aPageThatCannotBeReadIsFetchedAnewAndKept() {
        origin.on("/", tagged("\"v1\"", "<title>One</title>"));
        scraped("/", HOUR);
        DATABASE.jdbc()
                .sql("UPDATE page_cache SET body = '\\x00' WHERE owner = ?")
                .param(owner)
                .update();

        Outcome.Scraped anew = scraped("/", HOUR);

        assertThat(anew.data()).isEqualTo("{\"title\":\"One\"}");
        assertThat(anew.metadata().cached()).isFalse();
        assertThat(origin.requestsFor("/").getLast().header("if-none-match")).isNull();
        assertThat(scraped("/", HOUR).metadata().cached()).isTrue();
        assertThat(origin.requestsFor("/")).hasSize(2);
    }

    @Test
    void aCacheThatFailsOnlyCostsARequest() {
        origin.on("/", Behaviours.page("<title>One</title>"));
        try (TestDatabase gone = TestDatabase.create()) {
            HtmlScraper troubled = new HtmlScraper(
                    client,
                    new RobotsTxt(client, userAgent, clock),
                    userAgent,
                    new DatabasePageCache(gone.jdbc(), new PageCacheProperties(DataSize.ofGigabytes(1)), clock),
                    clock,
                    Proxies.of(Map.of(), clock),
                    new Extractor(ExtractionProperties.defaults()));
            gone.jdbc().sql("DROP TABLE page_cache").update();

            Outcome outcome =
                    troubled.scrape(new PageRequest(origin.url("/"), kept(options(Map.of(), Map.of())), plan(), 1));

            assertThat(outcome).isInstanceOf(Outcome.Scraped.class);
        }
    }

    /** A page with validators, and 304 for whoever has it. */
    private static MisbehavingOrigin.Behaviour tagged(String tag, String html) {
        return (request, socket, out) -> (tag.equals(request.header("if-none-match"))
                        ? Behaviours.raw("HTTP/1.1 304 Not Modified\r\nETag: " + tag + "\r\n\r\n")
                        : Behaviours.body(
                                "text/html",
                                Behaviours.utf8(html),
                                "ETag: " + tag,
                                "Last-Modified: Sun, 01 Mar 2026 10:00:00 GMT"))
                .answer(request, socket, out);
    }

    private DatabasePageCache cache(DataSize largest) {
        return new DatabasePageCache(DATABASE.jdbc(), new PageCacheProperties(largest), clock);
    }

    private long rows() {
        return Objects.requireNonNull(DATABASE.jdbc()
                .sql("SELECT count(*) FROM page_cache WHERE owner = ?")
                .param(owner)
                .query(Long.class)
                .single());
    }

    private Outcome.Scraped scraped(String path, Duration maxAge) {
        Outcome outcome = scrape(path, options(Map.of(), Map.of()).with(new PageCaching(owner, maxAge)));
        assertThat(outcome).isInstanceOf(Outcome.Scraped.class);
        return (Outcome.Scraped) outcome;
    }

    private Outcome scrape(String path, ScrapeOptions options) {
        return scraper.scrape(new PageRequest(origin.url(path), options, plan(), 1));
    }

    @Test
    void aPageThatWasFetchedWithoutTheTasksHeadersIsAnotherThanOneWithThem() {
        origin.on("/", Behaviours.page("<title>x</title>"));
        ScrapeOptions secret = kept(options(Map.of("Authorization", "Bearer x"), Map.of()));
        PageRequest linked = new PageRequest(
                origin.url("/"),
                secret,
                plan(),
                1,
                "lane",
                "account",
                null,
                host -> false,
                "https://elsewhere.example");

        scraper.scrape(linked);
        scraper.scrape(new PageRequest(origin.url("/"), secret, plan(), 1));
        scraper.scrape(linked);

        assertThat(origin.requestsFor("/"))
                .extracting(request -> request.header("authorization"))
                .containsExactly(null, "Bearer x");
    }

    private ScrapeOptions kept(ScrapeOptions options) {
        return options.with(new PageCaching(owner, HOUR));
    }

    private static ScrapeOptions options(Map<String, String> headers, Map<String, String> cookies) {
        return new ScrapeOptions(true, Duration.ofSeconds(10), headers, cookies, false);
    }

    private static SelectorPlan plan() {
        return SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));
    }
}
