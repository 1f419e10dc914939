package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.HttpUrl;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.SelfSigned;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Hop;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

@Timeout(30)
class HtmlScraperTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final ScrapeOptions RESPECTFUL =
            new ScrapeOptions(true, Duration.ofSeconds(10), Map.of(), Map.of(), true);
    private static final ScrapeOptions PLAIN =
            new ScrapeOptions(true, Duration.ofSeconds(10), Map.of(), Map.of(), false);

    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final EgressProperties properties = new EgressProperties(
            List.of("127.0.0.0/8"),
            List.of(),
            DataSize.ofMegabytes(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            64,
            64,
            Duration.ofSeconds(30));
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);
    private final UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
    private final HtmlScraper scraper =
            new HtmlScraper(client, new RobotsTxt(client, userAgent, clock), userAgent, clock);

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        origin.close();
    }

    @Test
    void aPageBecomesTheDataOfItsSelectors() {
        origin.on("/", Behaviours.page("<title>Hello</title>"));

        Outcome.Scraped scraped = scraped("/");

        assertThat(scraped.data()).isEqualTo("{\"title\":\"Hello\"}");
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/"));
        assertThat(scraped.metadata().statusCode()).isEqualTo(200);
        assertThat(scraped.metadata().contentType()).isEqualTo("text/html; charset=utf-8");
        assertThat(scraped.metadata().fetchedAt()).isEqualTo(NOW);
        assertThat(scraped.metadata().durationMs()).isBetween(0L, 10_000L);
        assertThat(scraped.metadata().attempts()).isEqualTo(1);
    }

    @Test
    void everyContentCodingIsRead() {
        byte[] html = Behaviours.utf8("<title>Grüße</title>");
        origin.on("/gzip", Behaviours.body("text/html;charset=utf-8", Behaviours.gzip(html), "Content-Encoding: gzip"))
                .on(
                        "/raw",
                        Behaviours.body(
                                "text/html;charset=utf-8", Behaviours.rawDeflate(html), "Content-Encoding: deflate"))
                .on("/br", Behaviours.body("text/html;charset=utf-8", Behaviours.brotli(html), "Content-Encoding: br"));

        for (String path : List.of("/gzip", "/raw", "/br")) {
            assertThat(scraped(path).data()).contains("Grüße");
        }
    }

    @Test
    void theCharsetOfTheHeaderIsUsedAndAnUnknownOneIgnored() {
        byte[] latin = "<title>Grüße</title>".getBytes(StandardCharsets.ISO_8859_1);
        origin.on("/latin", Behaviours.body("text/html; charset=iso-8859-1", latin))
                .on("/odd", Behaviours.body("text/html; charset=klingon", Behaviours.utf8("<title>Grüße</title>")));

        assertThat(scraped("/latin").data()).contains("Grüße");
        assertThat(scraped("/odd").data()).contains("Grüße");
    }

    @Test
    void aPageWithoutContentTypeIsHtmlAndXmlIsRead() {
        origin.on("/none", Behaviours.untyped("<title>Hello</title>"))
                .on("/xml", Behaviours.body("application/xml", Behaviours.utf8("<feed><title>Hello</title></feed>")));

        assertThat(scraped("/none").data()).contains("Hello");
        assertThat(scraped("/xml").data()).contains("Hello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/pdf", "image/png", "text/plain", "application/json", "application/octet-stream"})
    void whatTheSelectorsCannotReadIsNotHtml(String type) {
        origin.on("/", Behaviours.body(type, Behaviours.utf8("{}")));

        Outcome.Failed failed = failed("/", ErrorCode.NOT_HTML);

        assertThat(failed.message()).contains(type);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.metadata().contentType()).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "400, HTTP_4XX, false", "401, HTTP_4XX, false", "403, HTTP_4XX, false", "404, HTTP_4XX, false",
        "408, HTTP_4XX, true", "410, HTTP_4XX, false", "425, HTTP_4XX, true", "429, HTTP_4XX, true",
        "500, HTTP_5XX, true", "501, HTTP_5XX, false", "502, HTTP_5XX, true", "503, HTTP_5XX, true",
        "504, HTTP_5XX, true", "505, HTTP_5XX, false", "300, HTTP_3XX, false", "304, HTTP_3XX, false"
    })
    void aStatusIsAFailureThatSaysWhetherToRetry(int status, ErrorCode code, boolean retryable) {
        origin.on("/", Behaviours.raw("HTTP/1.1 " + status + " Because\r\nContent-Length: 0\r\n\r\n"));

        Outcome.Failed failed = failed("/", code);

        assertThat(failed.message()).startsWith("HTTP " + status);
        assertThat(failed.retryable()).isEqualTo(retryable);
        assertThat(failed.metadata().statusCode()).isEqualTo(status);
    }

    @Test
    void aStatusIsSpelledOut() {
        assertThat(failed("/missing", ErrorCode.HTTP_4XX).message()).isEqualTo("HTTP 404 Not Found");
    }

    @Test
    void retryAfterIsPassedOn() {
        origin.on("/", Behaviours.status(429, "Retry-After: 7"))
                .on("/date", Behaviours.status(503, "Retry-After: Sun, 01 Mar 2026 12:01:00 GMT"));

        assertThat(failed("/", ErrorCode.HTTP_4XX).retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(failed("/date", ErrorCode.HTTP_5XX).retryAfter()).isEqualTo(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsFollowedToWhereItPoints(int status) {
        origin.on("/dir/from", Behaviours.redirect(status, "../to?q=ü"))
                .on("/to", Behaviours.page("<title>There</title>"));

        Outcome.Scraped scraped = scraped("/dir/from");

        assertThat(scraped.data()).contains("There");
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/to?q=%C3%BC"));
        assertThat(origin.requests()).extracting("line").last().asString().startsWith("GET ");
    }

    @Test
    void aRedirectThatIsNotToBeFollowedIsAFailureWithItsTarget() {
        origin.on("/", Behaviours.redirect(302, "https://elsewhere.example/x"));

        Outcome.Failed failed = failed(
                origin.url("/"),
                new ScrapeOptions(false, Duration.ofSeconds(5), Map.of(), Map.of(), false),
                ErrorCode.HTTP_3XX);

        assertThat(failed.message()).contains("302").contains("https://elsewhere.example/x");
    }

    @Test
    void aRedirectLoopEndsAfterTenHops() {
        origin.on("/", Behaviours.redirect(302, "/"));

        assertThat(failed("/", ErrorCode.TOO_MANY_REDIRECTS).retryable()).isFalse();
        assertThat(origin.requests()).hasSize(11);
    }

    @Test
    void tenRedirectsAreFollowed() {
        for (int hop = 0; hop < 10; hop++) {
            origin.on("/" + hop, Behaviours.redirect(302, "/" + (hop + 1)));
        }
        origin.on("/10", Behaviours.page("<title>At last</title>"));

        assertThat(scraped("/0").data()).contains("At last");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/",
                "http://10.0.0.1/",
                "http://[::1]/",
                "file:///etc/passwd",
                "ftp://public.example/",
                "http://user:secret@127.0.0.1/",
                "http://2130706433/",
                "http://[bad/"
            })
    void aRedirectPassesTheGuardAnew(String location) {
        origin.on("/", Behaviours.redirect(302, location));

        Outcome.Failed failed = failed("/", ErrorCode.EGRESS_REFUSED);

        assertThat(failed.retryable()).isFalse();
        assertThat(failed.metadata().statusCode()).isEqualTo(302);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://10.0.0.1/", "http://[::1]/", "http://192.168.0.1:8080/x", "http://0x7f000001/"})
    void aForbiddenUrlIsRefused(String url) {
        assertThat(failed(url, PLAIN, ErrorCode.EGRESS_REFUSED).metadata().statusCode())
                .isNull();
    }

    @Test
    void aRedirectIsFollowedAtOnceThoughItsOwnBodyNeverEnds() {
        origin.on("/", Behaviours.redirectWithSlowBody("/to")).on("/to", Behaviours.page("<title>There</title>"));

        assertThat(scraped(origin.url("/"), timeout(Duration.ofSeconds(2))).data())
                .contains("There");
    }

    @Test
    void theTimeoutCoversAllRedirectsTogether() {
        origin.on("/", (request, socket, out) -> {
            LockSupport.parkNanos(100_000_000);
            return Behaviours.redirect(302, "/").answer(request, socket, out);
        });

        failed(origin.url("/"), timeout(Duration.ofMillis(350)), ErrorCode.TIMEOUT);

        assertThat(origin.requests()).hasSizeLessThan(6);
    }

    @Test
    void secretsOfTheTaskAreSentToItsOwnHostOnly() {
        ScrapeOptions secret = new ScrapeOptions(
                true,
                Duration.ofSeconds(5),
                Map.of("Authorization", "Bearer x", "X-Api-Key", "y", "user-agent", "Mine/1.0"),
                Map.of("session", "z"),
                false);
        origin.on("/", Behaviours.redirect(302, "/same"))
                .on("/same", Behaviours.redirect(302, "http://127.0.0.2:" + origin.port() + "/"));

        scraper.scrape(request(origin.url("/"), secret));

        assertThat(origin.requests()).hasSize(2).allSatisfy(request -> {
            assertThat(request.header("authorization")).isEqualTo("Bearer x");
            assertThat(request.header("x-api-key")).isEqualTo("y");
            assertThat(request.header("cookie")).isEqualTo("session=z");
            assertThat(request.header("user-agent")).isEqualTo("Mine/1.0");
        });
    }

    @Test
    void secretsOfTheTaskDoNotFollowARedirectToAnotherHost() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), 0));
        try (MisbehavingOrigin other = MisbehavingOrigin.start(listener)) {
            other.on("/", Behaviours.redirect(302, origin.url("/back")));
            origin.on("/", Behaviours.redirect(302, "http://127.0.0.2:" + other.port() + "/"))
                    .on("/back", Behaviours.page(""));
            ScrapeOptions secret = new ScrapeOptions(
                    true,
                    Duration.ofSeconds(5),
                    Map.of("Authorization", "Bearer x", "X-Api-Key", "y", "Accept-Language", "de"),
                    Map.of("session", "z"),
                    false);

            scraper.scrape(request(origin.url("/"), secret));

            MisbehavingOrigin.Request foreign = other.requests().getFirst();
            assertThat(foreign.headers()).doesNotContainKeys("authorization", "x-api-key", "cookie");
            assertThat(foreign.header("accept-language")).isEqualTo("de");
            assertThat(origin.requestsFor("/back").getFirst().header("cookie")).isEqualTo("session=z");
        }
    }

    @Test
    void anotherPortOfTheSameHostIsAnotherOriginUnlessItIsOpened() {
        try (MisbehavingOrigin other = MisbehavingOrigin.start()) {
            other.on("/", Behaviours.page("")).on("/opened", Behaviours.page(""));
            origin.on("/", Behaviours.redirect(302, other.url("/")))
                    .on("/opened", Behaviours.redirect(302, other.url("/opened")));
            ScrapeOptions secret = new ScrapeOptions(
                    true,
                    Duration.ofSeconds(5),
                    Map.of("Authorization", "Bearer x", "Accept-Language", "de"),
                    Map.of("session", "z"),
                    false);

            scraper.scrape(request(origin.url("/"), secret));
            scraper.scrape(request(
                    origin.url("/opened"),
                    secret.withHeadersFor(Set.of(HttpUrl.parse(other.url("/")).origin()))));

            MisbehavingOrigin.Request foreign = other.requestsFor("/").getFirst();
            assertThat(foreign.headers()).doesNotContainKeys("authorization", "cookie");
            assertThat(foreign.header("accept-language")).isEqualTo("de");
            MisbehavingOrigin.Request opened = other.requestsFor("/opened").getFirst();
            assertThat(opened.header("authorization")).isEqualTo("Bearer x");
            assertThat(opened.header("cookie")).isEqualTo("session=z");
        }
    }

    @Test
    void weIntroduceOurselvesAndAskForWhatWeCanRead() {
        origin.on("/", Behaviours.page(""));
        scraped("/");

        Map<String, String> headers = origin.requests().getFirst().headers();
        assertThat(headers.get("user-agent")).contains("BactrianBot").contains("https://example.org/contact");
        assertThat(headers.get("accept-encoding")).isEqualTo("gzip, deflate, br");
        assertThat(headers).containsKeys("accept", "accept-language").doesNotContainKeys("cookie", "upgrade");
    }

    @Test
    void whatIsLargerThanTheLimitAfterDecompressionIsTooLarge() {
        origin.on("/bomb", Behaviours.gzipBomb(32))
                .on("/endless", Behaviours.endlessBody())
                .on("/announced", Behaviours.raw("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"))
                .on("/flood", Behaviours.headerFlood());

        for (String path : List.of("/bomb", "/endless", "/announced", "/flood")) {
            assertThat(failed(path, ErrorCode.TOO_LARGE).retryable()).isFalse();
        }
    }

    @Test
    void aSlowPageIsATimeoutThatMayBeRetried() {
        origin.on("/", Behaviours.slowDrip());

        assertThat(failed(origin.url("/"), timeout(Duration.ofMillis(300)), ErrorCode.TIMEOUT)
                        .retryable())
                .isTrue();
    }

    @Test
    void aBrokenAnswerIsAResetThatMayBeRetried() {
        origin.on("/reset", Behaviours.resetMidBody())
                .on("/truncated", Behaviours.truncated())
                .on("/hang-up", Behaviours.hangUp());

        for (String path : List.of("/reset", "/truncated", "/hang-up")) {
            assertThat(failed(path, ErrorCode.CONNECTION_RESET).retryable()).isTrue();
        }
    }

    @Test
    void aClosedPortAndAnUnknownHostHaveTheirOwnCodes() {
        String url = origin.url("/");
        origin.close();

        assertThat(failed(url, PLAIN, ErrorCode.CONNECTION_REFUSED).retryable()).isTrue();
        assertThat(failed("http://no-such-host.invalid/", PLAIN, ErrorCode.DNS_FAILURE)
                        .retryable())
                .isFalse();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsATlsError(@TempDir Path directory) throws Exception {
        ServerSocket listener =
                SelfSigned.context(directory).getServerSocketFactory().createServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
        try (MisbehavingOrigin secure = MisbehavingOrigin.start(listener)) {
            failed("https://127.0.0.1:" + secure.port() + "/", PLAIN, ErrorCode.TLS_ERROR);
            assertThat(secure.requests()).isEmpty();
        }
    }

    @Test
    void robotsTxtDecidesOverEachUrlOnTheWay() {
        ScrapeOptions polite = new ScrapeOptions(true, Duration.ofSeconds(5), Map.of(), Map.of(), true);
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private")))
                .on("/open", Behaviours.page("<title>Open</title>"))
                .on("/way", Behaviours.redirect(302, "/private"))
                .on("/private", Behaviours.page("<title>Private</title>"));

        assertThat(scraped(origin.url("/open"), polite).data()).contains("Open");
        failed(origin.url("/private"), polite, ErrorCode.ROBOTS_DISALLOWED);
        failed(origin.url("/way"), polite, ErrorCode.ROBOTS_DISALLOWED);
        assertThat(origin.requestsFor("/private")).isEmpty();
        assertThat(scraped("/private").data()).contains("Private");
    }

    @Test
    void aHostThatRefusesRobotsTxtIsReportedAsRefusing() {
        ScrapeOptions polite = new ScrapeOptions(true, Duration.ofSeconds(5), Map.of(), Map.of(), true);
        String url = origin.url("/");
        origin.close();

        failed(url, polite, ErrorCode.CONNECTION_REFUSED);
        failed("http://no-such-host.invalid/", polite, ErrorCode.DNS_FAILURE);
        failed("http://10.0.0.1/", polite, ErrorCode.EGRESS_REFUSED);
    }

    @Test
    void jsonIsReadByJsonPathAndMarkupIsNot() throws IOException {
        SelectorPlan plan = plan("{\"name\": {\"selector\": \"$.name\", \"type\": \"jsonpath\"}}");
        origin.on("/json", Behaviours.body("application/json", Behaviours.utf8("{\"name\": \"Bo\"}")))
                .on("/broken", Behaviours.body("application/vnd.api+json", Behaviours.utf8("{\"name\"")))
                .on("/html", Behaviours.page("<title>Hello</title>"));

        assertThat(scraper.scrape(new PageRequest(origin.url("/json"), PLAIN, plan, 1)))
                .isInstanceOfSatisfying(
                        Outcome.Scraped.class,
                        scraped -> assertThat(scraped.data()).isEqualTo("{\"name\":\"Bo\"}"));
        assertThat(scraper.scrape(new PageRequest(origin.url("/broken"), PLAIN, plan, 1)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.EXTRACTION_FAILED));
        assertThat(scraper.scrape(new PageRequest(origin.url("/html"), PLAIN, plan, 1)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.NOT_HTML));
    }

    @Test
    void relativeLinksAreResolvedAgainstTheUrlAfterRedirects() throws IOException {
        SelectorPlan plan =
                plan("{\"link\": {\"selector\": \"a\", \"attribute\": \"href\", \"transform\": [\"absolute_url\"]}}");
        origin.on("/", Behaviours.redirect(301, "/deep/page"))
                .on("/deep/page", Behaviours.page("<a href='next'>next</a>"));

        assertThat(scraper.scrape(new PageRequest(origin.url("/"), PLAIN, plan, 3)))
                .isInstanceOfSatisfying(Outcome.Scraped.class, scraped -> {
                    assertThat(scraped.data()).contains(origin.url("/deep/next"));
                    assertThat(scraped.metadata().attempts()).isEqualTo(3);
                });
    }

    @Test
    void aPageNestedWithoutReasonIsReadLikeAnyOther() {
        origin.on("/", Behaviours.page("<title>Deep</title>" + "<div>".repeat(150_000)));

        assertThat(scraped("/").data()).contains("Deep");
    }

    @Test
    void aBodyThatCannotBeDecodedFailsTheExtraction() {
        origin.on("/", Behaviours.body("text/html", Behaviours.utf8("nonsense"), "Content-Encoding: br"));

        failed("/", ErrorCode.EXTRACTION_FAILED);
    }

    @Test
    void whereRequestsTakeTurnsEachOneIsAnOutingOfItsOwn() {
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private")))
                .on("/from", Behaviours.redirect(302, "/to"))
                .on("/to", Behaviours.page("<title>Here</title>"));

        Hop readRobots = unfinished("/from", null);
        assertThat(readRobots).isEqualTo(new Hop(origin.url("/from"), 0, 1));
        assertThat(origin.requests()).extracting("target").containsExactly("/robots.txt");
        Hop redirected = unfinished("/from", readRobots);
        assertThat(redirected).isEqualTo(new Hop(origin.url("/to"), 1, 0));
        assertThat(origin.requests()).extracting("target").containsExactly("/robots.txt", "/from");
        assertThat(scraper.scrape(takingTurns("/from", redirected)))
                .isInstanceOfSatisfying(Outcome.Scraped.class, scraped -> {
                    assertThat(scraped.data()).contains("Here");
                    assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/to"));
                });
        assertThat(origin.requests()).hasSize(3);
    }

    @Test
    void whereRequestsTakeTurnsRobotsTxtStillForbidsAndRedirectsStillEnd() {
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private")))
                .on("/loop", Behaviours.redirect(302, "/loop"));

        assertThat(scraper.scrape(takingTurns("/private", null)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.ROBOTS_DISALLOWED));
        Hop hop = null;
        for (int redirects = 1; redirects <= 10; redirects++) {
            hop = unfinished("/loop", hop);
        }
        assertThat(scraper.scrape(takingTurns("/loop", hop)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.TOO_MANY_REDIRECTS));
        assertThat(origin.requestsFor("/loop")).hasSize(11);
    }

    @Test
    void whereRequestsTakeTurnsAFailureOfRobotsTxtIsThePages() {
        String url = origin.url("/page");
        origin.close();

        assertThat(scraper.scrape(takingTurns(url)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.CONNECTION_REFUSED));
    }

    private Hop unfinished(String path, @Nullable Hop hop) {
        Outcome outcome = scraper.scrape(takingTurns(path, hop));
        assertThat(outcome).isInstanceOf(Outcome.Unfinished.class);
        return ((Outcome.Unfinished) outcome).next();
    }

    private PageRequest takingTurns(String path, @Nullable Hop hop) {
        return new PageRequest(origin.url(path), RESPECTFUL, titlePlan(), 1, "lane", "account", hop, host -> true);
    }

    private static PageRequest takingTurns(String url) {
        return new PageRequest(url, RESPECTFUL, titlePlan(), 1, "lane", "account", null, host -> true);
    }

    private Outcome.Scraped scraped(String path) {
        return scraped(origin.url(path), PLAIN);
    }

    private Outcome.Scraped scraped(String url, ScrapeOptions options) {
        Outcome outcome = scraper.scrape(request(url, options));
        assertThat(outcome).isInstanceOf(Outcome.Scraped.class);
        return (Outcome.Scraped) outcome;
    }

    private Outcome.Failed failed(String path, ErrorCode code) {
        return failed(origin.url(path), PLAIN, code);
    }

    private Outcome.Failed failed(String url, ScrapeOptions options, ErrorCode code) {
        Outcome outcome = scraper.scrape(request(url, options));
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertThat(failed.code()).as(failed.message()).isEqualTo(code);
        assertThat(failed.message()).isNotBlank();
        return failed;
    }

    private static PageRequest request(String url, ScrapeOptions options) {
        return new PageRequest(url, options, titlePlan(), 1);
    }

    private static ScrapeOptions timeout(Duration timeout) {
        return new ScrapeOptions(true, timeout, Map.of(), Map.of(), false);
    }

    private static SelectorPlan titlePlan() {
        return SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));
    }

    private static SelectorPlan plan(String selectors) throws IOException {
        return SelectorPlan.compile(new ObjectMapper().readTree(selectors));
    }
}
