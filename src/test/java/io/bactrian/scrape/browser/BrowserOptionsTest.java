package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.egress.HttpUrl;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.BrowserOptions.ResourceKind;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.Screenshot;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The options of tasks that use the browser, by the real Chromium. */
class BrowserOptionsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static Browsers browsers;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final MisbehavingOrigin other = MisbehavingOrigin.start();

    @BeforeAll
    static void open() {
        browsers = new Browsers(1);
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
    }

    @AfterEach
    void close() {
        origin.close();
        other.close();
    }

    @Test
    void scriptsDoNotRunWithoutJavascriptAndTheRestWorks() {
        origin.on(
                        "/",
                        Behaviours.page("<a href=/next>next</a><p id=out>plain</p><noscript><b>none</b></noscript>"
                                + "<script>document.getElementById('out').textContent = 'scripted'</script>"))
                .on("/next", Behaviours.page("<p id=out>there<script>out.textContent = 'scripted'</script>"));
        BrowserOptions without = new BrowserOptions(false, "p", Duration.ZERO, List.of(), true, Set.of());
        BrowserOptions clicking = new BrowserOptions(
                false,
                null,
                Duration.ofMillis(10),
                List.of(new PageAction.Scroll(null, 2), new PageAction.Click("a")),
                false,
                Set.of());

        Outcome.Scraped scraped = browsers.scraped(
                origin.url("/"), Browsers.options(TIMEOUT, without), "{\"out\": \"#out\", \"none\": \"noscript b\"}");

        assertThat(scraped.data()).isEqualTo("{\"out\":\"plain\",\"none\":\"none\"}");
        assertThat(scraped.screenshot()).isNotNull();
        assertThat(browsers.out(origin.url("/"), Browsers.options(TIMEOUT, clicking)))
                .isEqualTo("there");
    }

    @Test
    void whatIsWaitedForIsThere() {
        origin.on(
                "/",
                Behaviours.page("<script>setTimeout(() => document.body.innerHTML = '<p id=out>late', 1500)</script>"));

        assertThat(out(waitingFor("#out"))).isEqualTo("late");
        assertThat(out(waitingFor("xpath://p[@id='out']"))).isEqualTo("late");
    }

    @Test
    void whatDoesNotAppearIsASelectorTimeout() {
        origin.on("/", Behaviours.page("<p>x"));

        Outcome.Failed failed = browsers.failed(
                origin.url("/"),
                Browsers.options(Duration.ofSeconds(3), waitingFor("#never")),
                ErrorCode.SELECTOR_TIMEOUT);
        Outcome.Failed wrong = browsers.failed(
                origin.url("/"), Browsers.options(TIMEOUT, waitingFor("p[")), ErrorCode.SELECTOR_TIMEOUT);

        assertThat(failed.message()).contains("'#never'", "3 seconds");
        assertThat(failed.retryable()).isTrue();
        assertThat(failed.metadata().statusCode()).isEqualTo(200);
        assertThat(wrong.message()).contains("cannot use wait_for_selector 'p['");
        assertThat(wrong.retryable()).isFalse();
    }

    @Test
    void aPauseLetsThePageGoOn() {
        origin.on(
                "/",
                Behaviours.page(
                        "<p id=out>early</p><script>setTimeout(() => out.textContent = 'late', 1200)</script>"));

        assertThat(out(new BrowserOptions(true, null, Duration.ofSeconds(3), List.of(), false, Set.of())))
                .isEqualTo("late");
    }

    @Test
    void aScreenshotShowsTheWholePage() throws IOException {
        origin.on("/tall", Behaviours.page("<body style='margin:0;background:#00f'><div style='height:3000px'>"))
                .on("/short", Behaviours.page("<body style='margin:0;background:#f00'>"))
                .on(
                        "/endless",
                        Behaviours.page("<body style='margin:0'><div style='height:10000000px;width:90000px'>"));

        BufferedImage tall = picture("/tall");
        BufferedImage small = picture("/short");
        BufferedImage endless = picture("/endless");

        assertThat(List.of(tall.getWidth(), tall.getHeight())).containsExactly(1280, 3000);
        assertThat(tall.getRGB(600, 2990) & 0xFFFFFF).isEqualTo(0x0000FF);
        assertThat(List.of(small.getWidth(), small.getHeight())).containsExactly(1280, 720);
        assertThat(small.getRGB(600, 700) & 0xFFFFFF).isEqualTo(0xFF0000);
        assertThat(List.of(endless.getWidth(), endless.getHeight())).containsExactly(1280, 8000);
    }

    @Test
    void aScreenshotOfNoiseIsBounded() {
        origin.on("/", Behaviours.page("""
                        <body style="margin: 0"><canvas id=noise width=1280 height=8000></canvas><script>
                        const pen = noise.getContext('2d'), image = pen.createImageData(1280, 8000);
                        for (let i = 0; i < image.data.length; i += 65536)
                          crypto.getRandomValues(image.data.subarray(i, Math.min(i + 65536, image.data.length)));
                        for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
                        pen.putImageData(image, 0, 0);
                        </script>
                        """));

        @Nullable
        Screenshot screenshot = browsers.scraped(
                        origin.url("/"), Browsers.options(TIMEOUT, picturing()), "{\"a\": \"p\"}")
                .screenshot();

        assertThat(screenshot).isNotNull();
        assertThat(screenshot.png().length).isBetween(1_000_000, 8 * 1024 * 1024);
    }

    @ParameterizedTest
    @EnumSource(ResourceKind.class)
    void eachKindOfResourceIsBlockedByItself(ResourceKind blocked) {
        serveEveryKind();

        out(new BrowserOptions(true, "#done", Duration.ZERO, List.of(), false, Set.of(blocked)));

        Set<ResourceKind> loaded = EnumSet.noneOf(ResourceKind.class);
        for (ResourceKind kind : ResourceKind.values()) {
            if (!origin.requestsFor("/" + kind).isEmpty()) {
                loaded.add(kind);
            }
        }
        assertThat(loaded).isEqualTo(EnumSet.complementOf(EnumSet.of(blocked)));
    }

    @Test
    void severalKindsAreBlockedAtOnceOrNone() {
        serveEveryKind();

        out(new BrowserOptions(
                true,
                "#done",
                Duration.ZERO,
                List.of(),
                false,
                Set.of(ResourceKind.IMAGE, ResourceKind.MEDIA, ResourceKind.FONT)));
        assertThat(origin.requests().stream().map(MisbehavingOrigin.Request::target))
                .contains("/STYLESHEET", "/SCRIPT", "/fetched")
                .doesNotContain("/IMAGE", "/MEDIA", "/FONT");
        out(new BrowserOptions(true, "#done", Duration.ZERO, List.of(), false, Set.of()));
        assertThat(origin.requests().stream().map(MisbehavingOrigin.Request::target))
                .contains("/IMAGE", "/MEDIA", "/FONT");
    }

    @Test
    void headersAndCookiesGoToTheAskedHostAlone() {
        String elsewhere = other.url("").replace("127.0.0.1", "localhost");
        origin.on(
                        "/",
                        Behaviours.page(
                                "<script src=/own.js></script><script src=" + elsewhere + "/script.js></script>"
                                        + "<iframe src=" + elsewhere + "/frame></iframe><p id=out></p><script>"
                                        + "Promise.allSettled([fetch('/own'), fetch('" + elsewhere + "/fetched'),"
                                        + " fetch('/away')]).then(() => { out.textContent = document.cookie; out.className = 'done' })</script>"))
                .on("/own", Behaviours.untyped("x"))
                .on("/own.js", Behaviours.body("text/javascript", new byte[0]))
                .on("/away", Behaviours.redirect(302, elsewhere + "/redirected"));
        for (String path : List.of("/script.js", "/frame", "/fetched", "/redirected")) {
            other.on(path, Behaviours.body("text/html", new byte[0], "Access-Control-Allow-Origin: *"));
        }
        ScrapeOptions options = new ScrapeOptions(
                true,
                TIMEOUT,
                Map.of(
                        "X-Secret", "s3cret",
                        "Authorization", "Bearer t0ken",
                        "Referer", "https://example.org/from",
                        "Accept-Language", "de",
                        "User-Agent", "Camel/2",
                        "Host", "evil"),
                Map.of("session", "42", "bad name", "x"),
                false,
                null,
                new BrowserOptions(true, ".done", Duration.ZERO, List.of(), false, Set.of()));

        String cookies = browsers.out(origin.url("/"), options);

        assertThat(cookies).isEqualTo("session=42");
        assertThat(origin.requests()).hasSizeGreaterThanOrEqualTo(4).allSatisfy(request -> {
            assertThat(request.header("x-secret")).as(request.line()).isEqualTo("s3cret");
            assertThat(request.header("authorization")).isEqualTo("Bearer t0ken");
            assertThat(request.header("cookie")).isEqualTo("session=42");
            assertThat(request.header("user-agent")).isEqualTo("Camel/2");
            assertThat(request.header("accept-language")).isEqualTo("de");
            assertThat(request.header("host")).isEqualTo("127.0.0.1:" + origin.port());
        });
        assertThat(origin.requestsFor("/").getFirst().header("referer")).isEqualTo("https://example.org/from");
        assertThat(other.requests()).hasSizeGreaterThanOrEqualTo(4).allSatisfy(request -> {
            assertThat(request.header("x-secret")).as(request.line()).isNull();
            assertThat(request.header("authorization")).isNull();
            assertThat(request.header("cookie")).isNull();
            assertThat(request.header("user-agent")).isEqualTo("Camel/2");
            assertThat(request.header("accept-language")).isEqualTo("de");
        });
    }

    @Test
    void headersAndCookiesDoNotGoToAnotherPortOfTheHostUnlessItIsOpened() {
        String elsewhere = other.url("");
        origin.on(
                        "/",
                        Behaviours.page("<script src=" + elsewhere + "/script.js></script><iframe src=" + elsewhere
                                + "/frame></iframe><img src=" + elsewhere + "/image><p id=out></p><script>"
                                + "const socket = new Promise(done => { const s = new WebSocket('"
                                + elsewhere.replace("http:", "ws:") + "/socket'); s.onerror = s.onclose = done });"
                                + "Promise.allSettled([socket, fetch('/own'), fetch('" + elsewhere
                                + "/fetched', {credentials: 'include', mode: 'no-cors'}), fetch('/away', {mode: 'no-cors'})])"
                                + ".then(() => { out.textContent = 'x'; out.className = 'done' })</script>"))
                .on("/own", Behaviours.untyped("x"))
                .on("/away", Behaviours.redirect(302, elsewhere + "/redirected"));
        List<String> paths = List.of("/script.js", "/frame", "/image", "/socket", "/fetched", "/redirected");
        for (String path : paths) {
            other.on(path, Behaviours.body("text/html", new byte[0]));
        }
        ScrapeOptions options = new ScrapeOptions(
                true,
                TIMEOUT,
                Map.of("X-Secret", "s3cret"),
                Map.of("session", "42"),
                false,
                null,
                new BrowserOptions(true, ".done", Duration.ZERO, List.of(), false, Set.of()));

        browsers.out(origin.url("/"), options);

        assertThat(origin.requestsFor("/own").getFirst().header("x-secret")).isEqualTo("s3cret");
        assertThat(origin.requestsFor("/own").getFirst().header("cookie")).isEqualTo("session=42");
        for (String path : paths) {
            assertThat(other.requestsFor(path))
                    .as(path)
                    .isNotEmpty()
                    .allSatisfy(request -> assertThat(request.headers()).doesNotContainKeys("x-secret", "cookie"));
        }

        browsers.out(
                origin.url("/"),
                options.withHeadersFor(Set.of(HttpUrl.parse(other.url("/")).origin())));

        MisbehavingOrigin.Request opened = other.requestsFor("/fetched").getLast();
        assertThat(opened.header("x-secret")).isEqualTo("s3cret");
        assertThat(opened.header("cookie")).isEqualTo("session=42");
    }

    @Test
    void aPageThatScriptsOrMetaLeadToAnotherPortIsFetchedWithoutHeadersAndCookies() {
        origin.on("/script", Behaviours.page("<script>location = '" + other.url("/script") + "'</script>"))
                .on("/meta", Behaviours.page("<meta http-equiv=refresh content='0;url=" + other.url("/meta") + "'>"))
                .on("/redirect", Behaviours.redirect(302, other.url("/redirect")));
        ScrapeOptions options = new ScrapeOptions(
                true, TIMEOUT, Map.of("X-Secret", "s3cret"), Map.of("session", "42"), false, null, Browsers.PLAIN);

        for (String path : List.of("/script", "/meta", "/redirect")) {
            other.on(path, Behaviours.page("<p id=out>there"));
            assertThat(browsers.out(origin.url(path), options)).isEqualTo("there");
            assertThat(other.requestsFor(path).getFirst().headers()).as(path).doesNotContainKeys("x-secret", "cookie");
        }
    }

    @Test
    void headersAndCookiesDoNotFollowARedirectToAnotherHost() {
        String elsewhere = other.url("/").replace("127.0.0.1", "localhost");
        origin.on("/", Behaviours.redirect(302, "/second")).on("/second", Behaviours.redirect(302, elsewhere));
        other.on("/", Behaviours.page("<p id=out>there"));
        ScrapeOptions options = new ScrapeOptions(
                true, TIMEOUT, Map.of("X-Secret", "s3cret"), Map.of("session", "42"), false, null, Browsers.PLAIN);

        assertThat(browsers.out(origin.url("/"), options)).isEqualTo("there");

        assertThat(origin.requestsFor("/second").getFirst().header("x-secret")).isEqualTo("s3cret");
        assertThat(origin.requestsFor("/second").getFirst().header("cookie")).isEqualTo("session=42");
        assertThat(other.requestsFor("/").getFirst().header("x-secret")).isNull();
        assertThat(other.requestsFor("/").getFirst().header("cookie")).isNull();
    }

    @Test
    void aRedirectIsReportedWhereItIsNotToBeFollowed() {
        origin.on("/", Behaviours.redirect(301, "/next"));
        ScrapeOptions options = new ScrapeOptions(false, TIMEOUT, Map.of(), Map.of(), false, null, Browsers.PLAIN);

        Outcome.Failed failed = browsers.failed(origin.url("/"), options, ErrorCode.HTTP_3XX);

        assertThat(failed.message()).isEqualTo("HTTP 301 Moved Permanently to /next");
        assertThat(failed.metadata().statusCode()).isEqualTo(301);
        assertThat(origin.requestsFor("/next")).isEmpty();
    }

    @Test
    void aSilentSiteIsATimeout() {
        origin.on("/", Behaviours.silence());

        Outcome.Failed failed = browsers.failed(
                origin.url("/"), Browsers.options(Duration.ofSeconds(1), Browsers.PLAIN), ErrorCode.TIMEOUT);

        assertThat(failed.retryable()).isTrue();
    }

    @Test
    void robotsTxtDecidesOverEachDocumentOfTheMainFrame() {
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /private")))
                .on("/private", Behaviours.page("<p id=out>secret"))
                .on("/redirect", Behaviours.redirect(302, "/private"))
                .on("/script", Behaviours.page("<script>location = '/private'</script>"))
                .on("/link", Behaviours.page("<a href=/private>x</a>"))
                .on("/frame", Behaviours.page("<p id=out>mine</p><iframe src=/private></iframe>"));
        BrowserOptions clicking =
                new BrowserOptions(true, null, Duration.ZERO, List.of(new PageAction.Click("a")), false, Set.of());

        for (String path : List.of("/private", "/redirect", "/script", "/link")) {
            ScrapeOptions options = new ScrapeOptions(
                    true, TIMEOUT, Map.of(), Map.of(), true, null, path.equals("/link") ? clicking : Browsers.PLAIN);
            Outcome.Failed failed = browsers.failed(origin.url(path), options, ErrorCode.ROBOTS_DISALLOWED);
            assertThat(failed.message()).contains("robots.txt of 127.0.0.1");
        }
        assertThat(origin.requestsFor("/private")).isEmpty();
        ScrapeOptions polite = new ScrapeOptions(true, TIMEOUT, Map.of(), Map.of(), true, null, Browsers.PLAIN);
        assertThat(browsers.out(origin.url("/frame"), polite)).isEqualTo("mine");
    }

    private void serveEveryKind() {
        origin.on("/", Behaviours.page("""
                                <link rel=stylesheet href=/STYLESHEET><script src=/SCRIPT></script>
                                <style>@font-face { font-family: f; src: url(/FONT) } p { font-family: f }</style>
                                <p>text</p><img src=/IMAGE><video src=/MEDIA preload=auto></video>
                                <script>fetch('/fetched').then(() => setTimeout(() => {
                                  const done = document.createElement('i'); done.id = 'done'; document.body.append(done);
                                }, 300))</script>
                                """))
                .on("/fetched", Behaviours.untyped("x"))
                .on("/STYLESHEET", Behaviours.body("text/css", new byte[0]))
                .on("/SCRIPT", Behaviours.body("text/javascript", new byte[0]));
    }

    private BufferedImage picture(String path) throws IOException {
        @Nullable
        Screenshot screenshot = browsers.scraped(
                        origin.url(path), Browsers.options(TIMEOUT, picturing()), "{\"a\": \"p\"}")
                .screenshot();
        assertThat(screenshot).isNotNull();
        return ImageIO.read(new ByteArrayInputStream(screenshot.png()));
    }

    private static BrowserOptions picturing() {
        return new BrowserOptions(true, null, Duration.ZERO, List.of(), true, Set.of());
    }

    private static BrowserOptions waitingFor(String selector) {
        return new BrowserOptions(true, selector, Duration.ZERO, List.of(), false, Set.of());
    }

    private String out(BrowserOptions options) {
        return String.valueOf(browsers.out(origin.url("/"), Browsers.options(TIMEOUT, options)));
    }
}
