package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostLimits;
import io.bactrian.scrape.polite.PolitenessProperties;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.UrlPattern;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** Sitemaps of every kind and of none, from a real site. */
@Timeout(120)
class SitemapReaderTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final String XML = "application/xml";

    private final SettableClock clock = new SettableClock();
    private final MisbehavingOrigin site = MisbehavingOrigin.start();
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
    private final RobotsTxt robots = new RobotsTxt(client, userAgent, clock);
    private final SitemapReader reader = reader(clock);

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        site.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void thePagesOfASitemapComeInTheirOrderAndEachOnce() {
        site.on("/sitemap.xml", xml(urlset(url("/b"), url("/a"), url("/b"), url("/c?x=1&amp;y=2"), url("/b#part"))));

        Sitemap read = read("/sitemap.xml");

        assertThat(read.urls()).containsExactly(url("/b"), url("/a"), url("/c?x=1&y=2"));
        assertThat(read.files()).isOne();
        assertThat(read.problems()).isEmpty();
        assertThat(read.failure()).isNull();
    }

    @Test
    void anIndexIsFollowedInItsOrderWithGzipAndTexts() {
        site.on("/index.xml", xml(index(url("/2.xml.gz"), url("/1.txt"), url("/deep.xml"), url("/2.xml.gz"))))
                .on(
                        "/2.xml.gz",
                        Behaviours.body("application/octet-stream", Behaviours.gzip(utf8(urlset(url("/two"))))))
                .on("/1.txt", Behaviours.body("text/plain", utf8(url("/one") + "\r\n\r\n" + url("/two") + "\n")))
                .on("/deep.xml", xml(index(url("/3.xml"))))
                .on(
                        "/3.xml",
                        Behaviours.body(XML, Behaviours.gzip(utf8(urlset(url("/three")))), "Content-Encoding: gzip"));

        Sitemap read = read("/index.xml");

        assertThat(read.urls()).containsExactly(url("/two"), url("/one"), url("/three"));
        assertThat(read.files()).isEqualTo(5);
    }

    @Test
    void feedsAreSitemapsToo() {
        site.on(
                        "/rss",
                        Behaviours.body(
                                "text/html",
                                utf8("<rss version='2.0'><channel><link>" + url("/") + "</link><item><link>"
                                        + url("/item") + "</link></item></channel></rss>")))
                .on(
                        "/atom",
                        Behaviours.body(
                                "application/atom+xml",
                                utf8(
                                        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='"
                                                + url("/entry") + "'/></entry></feed>")));

        assertThat(read("/rss").urls()).containsExactly(url("/item"));
        assertThat(read("/atom").urls()).containsExactly(url("/entry"));
    }

    @Test
    void noMorePagesThanTheLimitAreTakenAndNoFileReadForMore() {
        site.on("/index.xml", xml(index(url("/1.xml"), url("/2.xml"))))
                .on("/1.xml", xml(urlset(url("/a"), url("/b"), url("/c"))))
                .on("/2.xml", xml(urlset(url("/d"))));

        assertThat(reader.read(request("/index.xml", 2, List.of(), null)).urls())
                .containsExactly(url("/a"), url("/b"));
        assertThat(site.requestsFor("/2.xml")).isEmpty();
    }

    @Test
    void pagesThatTheTaskHasAndPagesThatDoNotMatchAreLeftOut() {
        site.on("/sitemap.xml", xml(urlset(url("/p/1"), url("/about"), url("/p/2"), url("/p/x"))));

        Sitemap read = reader.read(request(
                "/sitemap.xml", 10, List.of(url("/p/1"), "no url at all"), UrlPattern.compile("f", "/p/[0-9]+$")));

        assertThat(read.urls()).containsExactly(url("/p/2"));
    }

    @Test
    void onlyPagesAndSitemapsOfTheHostCount() {
        site.on(
                        "/index.xml",
                        xml(index("http://10.0.0.1/sitemap.xml", "https://elsewhere.example/s.xml", url("/own.xml"))))
                .on(
                        "/own.xml",
                        xml(urlset(
                                "https://elsewhere.example/",
                                "ftp://127.0.0.1/a",
                                "javascript:alert(1)",
                                "/relative",
                                "http://user:password@127.0.0.1/",
                                "http://127.0.0.1.elsewhere.example/",
                                url("/page"))))
                .on("/foreign.xml", xml(urlset("https://elsewhere.example/", "https://elsewhere.example/2")));

        assertThat(read("/index.xml").urls()).containsExactly(url("/page"));
        assertThat(failure("/foreign.xml").message()).contains("no pages of its own host, but 2 of others");
    }

    @Test
    void loopsEndAndIndexesInIndexesHaveAnEnd() {
        site.on("/self.xml", xml(index(url("/self.xml"), url("/other.xml"))))
                .on("/other.xml", xml(index(url("/self.xml"), url("/pages.xml"))))
                .on("/pages.xml", xml(urlset(url("/page"))));
        for (int level = 0; level < 9; level++) {
            site.on("/level" + level, xml(index(url("/level" + (level + 1)))));
        }

        assertThat(read("/self.xml").urls()).containsExactly(url("/page"));
        assertThat(failure("/level0").message()).contains("index within 2 others");
        assertThat(site.requestsFor("/level3")).isEmpty();
    }

    @Test
    void ofManyFilesTheFirstAreRead() {
        List<String> files =
                IntStream.range(0, 2_000).mapToObj(n -> url("/f?" + n)).toList();
        site.on("/index.xml", xml(index(files.toArray(String[]::new)))).on("/f", xml(urlset()));

        Sitemap read = read("/index.xml");

        assertThat(read.files()).isEqualTo(SitemapWalk.MOST_FILES);
        assertThat(site.requestsFor("/f?1")).hasSize(1);
    }

    @Test
    void aFileThatCannotBeReadKeepsNoOtherFromBeingRead() {
        site.on("/index.xml", xml(index(url("/gone.xml"), url("/broken.xml"), url("/good.xml"))))
                .on("/broken.xml", xml("<urlset><url><loc>" + url("/half")))
                .on("/good.xml", xml(urlset(url("/page"))));

        Sitemap read = read("/index.xml");

        assertThat(read.urls()).containsExactly(url("/page"));
        assertThat(read.problems()).hasSize(2);
        assertThat(read.problems().get(0)).contains("/gone.xml", "404");
        assertThat(read.problems().get(1)).contains("/broken.xml", "is not a sitemap");
    }

    @ParameterizedTest
    @CsvSource({"404, false", "403, false", "429, true", "500, true", "503, true"})
    void aSitemapThatCannotBeHadSaysWhyAndWhetherToTryAgain(int status, boolean retryable) {
        site.on("/sitemap.xml", Behaviours.status(status, "Retry-After: 7"));

        Sitemap.Failure failure = failure("/sitemap.xml");

        assertThat(failure.message()).contains("could not be had", String.valueOf(status));
        assertThat(failure.retryable()).isEqualTo(retryable);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void redirectsAreFollowedAFewTimes() {
        site.on("/moved.xml", Behaviours.redirect(301, "/sitemap.xml"))
                .on("/sitemap.xml", xml(urlset(url("/page"))))
                .on("/loop.xml", Behaviours.redirect(302, "/loop.xml"))
                .on("/inwards.xml", Behaviours.redirect(302, "http://10.0.0.1/"));

        assertThat(read("/moved.xml").urls()).containsExactly(url("/page"));
        assertThat(failure("/loop.xml").message()).contains("redirected more than 5 times");
        assertThat(failure("/inwards.xml").retryable()).isFalse();
        assertThat(reader.read(request("http://169.254.169.254/sitemap.xml", 1, List.of(), null))
                        .failure())
                .isNotNull();
    }

    @Test
    void robotsTxtDecidesOverSitemaps() {
        site.on("/robots.txt", Behaviours.body("text/plain", utf8("User-agent: *\nDisallow: /private\n")))
                .on("/private.xml", xml(urlset(url("/page"))));

        Sitemap read = reader.read(new SitemapRequest(
                url("/private.xml"),
                10,
                List.of(),
                null,
                new ScrapeOptions(true, Duration.ofSeconds(10), Map.of(), Map.of(), true),
                () -> true));

        assertThat(read.urls()).isEmpty();
        assertThat(site.requestsFor("/private.xml")).isEmpty();
    }

    @Test
    void theHeadersAndCookiesOfTheTaskAreSent() {
        site.on("/sitemap.xml", xml(urlset(url("/page"))));

        reader.read(new SitemapRequest(
                url("/sitemap.xml"),
                10,
                List.of(),
                null,
                new ScrapeOptions(
                        true, Duration.ofSeconds(10), Map.of("Authorization", "Basic x"), Map.of("a", "b"), false),
                () -> true));

        assertThat(site.requestsFor("/sitemap.xml").getFirst().header("authorization"))
                .isEqualTo("Basic x");
        assertThat(site.requestsFor("/sitemap.xml").getFirst().header("cookie")).isEqualTo("a=b");
        assertThat(site.requestsFor("/sitemap.xml").getFirst().header("user-agent"))
                .contains("BactrianBot");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>http://127.0.0.1/&x;</loc></url></urlset>",
                "<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY x SYSTEM 'ORIGIN/secret'>]><urlset><url><loc>http://127.0.0.1/&x;</loc></url></urlset>",
                "<?xml version='1.0'?><!DOCTYPE urlset SYSTEM 'ORIGIN/secret'><urlset><url><loc>http://127.0.0.1/a</loc></url></urlset>",
                "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY % p SYSTEM 'ORIGIN/secret'> %p;]><urlset/>",
                "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><urlset><url><loc>&c;</loc></url></urlset>",
                "<?xml version='1.0'?><urlset xmlns:xi='http://www.w3.org/2001/XInclude'><url><loc><xi:include parse='text' href='ORIGIN/secret'/></loc></url></urlset>",
                "<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='ORIGIN/secret'?><html/>",
                "<!doctype html><title>Not found</title>",
                "{\"urls\": []}",
                "\u0000\u0001\u0002",
                ""
            })
    void whatIsNoSitemapOrAnAttackIsRefusedAndNothingElseFetched(String content) {
        site.on("/sitemap.xml", xml(content.replace("ORIGIN", url(""))))
                .on("/secret", Behaviours.body("text/plain", utf8("secret")));

        Sitemap read = read("/sitemap.xml");

        assertThat(read.urls()).isEmpty();
        assertThat(read.failure()).isNotNull();
        assertThat(read.failure().retryable()).isFalse();
        assertThat(read.failure().message()).doesNotContain("secret", "root:", "Exception");
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void bombsAreDefused() {
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.writeBytes(Behaviours.gzip(gzipOfSpaces(60)));
        site.on("/coded.xml", Behaviours.body(XML, gzipOfSpaces(60), "Content-Encoding: gzip"))
                .on("/file.xml.gz", Behaviours.body("application/gzip", gzipOfSpaces(60)))
                .on("/twice.xml.gz", Behaviours.body("application/gzip", twice.toByteArray(), "Content-Encoding: gzip"))
                .on("/cut.xml.gz", Behaviours.body("application/gzip", new byte[] {0x1F, (byte) 0x8B, 8, 0, 0}));

        assertThat(failure("/coded.xml").message()).contains("larger than 50 MB");
        assertThat(failure("/file.xml.gz").message()).contains("larger than 50 MB");
        assertThat(failure("/twice.xml.gz").message()).contains("larger than 50 MB");
        assertThat(failure("/cut.xml.gz").message()).contains("cannot be decompressed");
    }

    @Test
    void largeDeepAndLongFilesStayWithinTheirBounds() {
        String deep = "<urlset>" + "<a>".repeat(1_000_000);
        String longUrl = urlset(url("/" + "x".repeat(3_000_000)), url("/page"));
        List<String> many = new ArrayList<>();
        for (int page = 0; page < 60_000; page++) {
            many.add(url("/" + page));
        }
        String padded = "<?xml version='1.0'?><!--" + " ".repeat(20 << 20) + "--><urlset>"
                + located("url", url("/padded")) + "</urlset>";
        site.on("/deep.xml", xml(deep))
                .on("/long.xml", xml(longUrl))
                .on("/many.xml", xml(urlset(many.toArray(String[]::new))))
                .on("/padded.xml", xml(padded));

        assertThat(failure("/deep.xml").message()).contains("is not a sitemap");
        assertThat(read("/long.xml").urls()).containsExactly(url("/page"));
        assertThat(reader.read(request("/many.xml", 100_000, List.of(), null)).urls())
                .isEqualTo(many.subList(0, SitemapFile.MOST_URLS));
        assertThat(read("/padded.xml").urls()).containsExactly(url("/padded"));
    }

    @Test
    void whatNeverEndsIsGivenUp() {
        site.on("/drip.xml", Behaviours.slowDrip()).on("/endless.xml", Behaviours.endlessBody());
        ScrapeOptions hasty = new ScrapeOptions(true, Duration.ofSeconds(1), Map.of(), Map.of(), false);

        Sitemap drip = reader.read(new SitemapRequest(url("/drip.xml"), 1, List.of(), null, hasty, () -> true));

        assertThat(drip.failure()).isNotNull();
        assertThat(drip.failure().retryable()).isTrue();
        assertThat(failure("/endless.xml").message()).contains("larger than 50 MB");
    }

    @Test
    void theReadingEndsWhenTheTaskDoes() {
        AtomicInteger asked = new AtomicInteger();
        site.on("/index.xml", xml(index(url("/1.xml"), url("/2.xml"))))
                .on("/1.xml", xml(urlset(url("/a"))))
                .on("/2.xml", xml(urlset(url("/b"))));

        Sitemap read = reader.read(new SitemapRequest(
                url("/index.xml"), 10, List.of(), null, options(), () -> asked.incrementAndGet() <= 2));

        assertThat(read.urls()).containsExactly(url("/a"));
        assertThat(site.requestsFor("/2.xml")).isEmpty();
    }

    @Test
    void eachFileWaitsForItsTurnAtTheHost() {
        site.on("/index.xml", xml(index(url("/1.xml"), url("/2.xml"), url("/3.xml"))))
                .on("/1.xml", xml(urlset(url("/a"))))
                .on("/2.xml", xml(urlset(url("/b"))))
                .on("/3.xml", xml(urlset(url("/c"))));
        HostEntry slow = new HostEntry("127.0.0.1", site.port(), 5.0, 1, false);
        long begun = System.nanoTime();

        Sitemap read = reader(Clock.systemUTC(), slow)
                .read(new SitemapRequest(
                        url("/index.xml"),
                        10,
                        List.of(),
                        null,
                        new ScrapeOptions(true, Duration.ofSeconds(30), Map.of(), Map.of(), true),
                        () -> true));

        assertThat(read.urls()).containsExactly(url("/a"), url("/b"), url("/c"));
        // robots.txt and four files, of which each may come a tenth of a second early.
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(500));
    }

    private SitemapReader reader(Clock time, HostEntry... entries) {
        HostLimits limits =
                new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), List.of(entries)), properties);
        return new SitemapReader(client, robots, new HostClock(limits, robots, DATABASE.jdbc(), time), userAgent, time);
    }

    private Sitemap read(String path) {
        return reader.read(request(path, 100, List.of(), null));
    }

    private Sitemap.Failure failure(String path) {
        Sitemap read = read(path);
        assertThat(read.urls()).isEmpty();
        assertThat(read.failure()).isNotNull();
        return read.failure();
    }

    private SitemapRequest request(String path, int limit, List<String> known, @Nullable UrlPattern include) {
        return new SitemapRequest(
                path.startsWith("/") ? url(path) : path, limit, known, include, options(), () -> true);
    }

    private static ScrapeOptions options() {
        return new ScrapeOptions(true, Duration.ofSeconds(30), Map.of(), Map.of(), false);
    }

    private String url(String path) {
        return site.url(path);
    }

    private static MisbehavingOrigin.Behaviour xml(String content) {
        return Behaviours.body(XML, utf8(content));
    }

    private static String urlset(String... urls) {
        return "<?xml version='1.0' encoding='UTF-8'?>\n<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                + located("url", urls) + "</urlset>";
    }

    private static String index(String... urls) {
        return "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>" + located("sitemap", urls)
                + "</sitemapindex>";
    }

    private static String located(String element, String... urls) {
        StringBuilder text = new StringBuilder();
        for (String url : urls) {
            text.append("<" + element + "><loc>\n  ").append(url).append("\n</loc></" + element + ">");
        }
        return text.toString();
    }

    private static byte[] gzipOfSpaces(int megabytes) {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(utf8("<urlset>"));
            byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int count = 0; count < megabytes; count++) {
                gzip.write(spaces);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bomb.toByteArray();
    }

    private static byte[] utf8(String text) {
        return Behaviours.utf8(text);
    }
}
