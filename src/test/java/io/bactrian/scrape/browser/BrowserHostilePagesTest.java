package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.SelfSigned;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageAction;
import io.bactrian.scrape.ScrapeOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Pages that mean harm to a browser; each is a row, and the next page is not disturbed. */
class BrowserHostilePagesTest {
    private static final ScrapeOptions SHORT = Browsers.options(Duration.ofSeconds(2), Browsers.PLAIN);
    private static Browsers browsers;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();

    @BeforeAll
    static void open() {
        browsers = new Browsers(new BrowserProperties(
                1,
                null,
                "target/playwright/driver",
                Duration.ofMinutes(1),
                1000,
                DataSize.ofMegabytes(24),
                DataSize.ofMegabytes(450),
                DataSize.ofMegabytes(128)));
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
    }

    @AfterEach
    void theNextPageIsNotDisturbed() {
        origin.on("/next", Behaviours.page("<p id=out>fine"));
        assertThat(browsers.out(origin.url("/next"), Browsers.OPTIONS)).isEqualTo("fine");
        origin.close();
    }

    @Test
    void anEndlessLoopIsATimeout() {
        origin.on("/", Behaviours.page("<p id=out>x<script>while (true);</script>"));

        browsers.failed(origin.url("/"), SHORT, ErrorCode.TIMEOUT);
    }

    @Test
    void anEndlessLoopThatBeginsLaterIsATimeout() {
        origin.on("/", Behaviours.page("<p id=out>x<script>onload = () => { while (true); }</script>"));

        browsers.failed(origin.url("/"), SHORT, ErrorCode.TIMEOUT);
    }

    @Test
    void aPageThatLoopsWhenItIsLeftDoesNotHoldUpTheNextOfItsLane() {
        origin.on(
                "/",
                Behaviours.page("<p id=out>x<script>onbeforeunload = onpagehide = onunload = () => { while (true); };"
                        + "setTimeout(() => { while (true); }, 400)</script>"));

        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
    }

    @Test
    void dialogsAreAnsweredAndAStormOfThemIsATimeout() {
        origin.on(
                        "/one",
                        Behaviours.page(
                                "<p id=out><script>alert(1); out.textContent = confirm(2) + '/' + prompt(3)</script>"))
                .on("/storm", Behaviours.page("<p id=out>x<script>while (true) alert(1)</script>"));

        assertThat(browsers.out(origin.url("/one"), Browsers.OPTIONS)).isEqualTo("false/null");
        browsers.failed(origin.url("/storm"), SHORT, ErrorCode.TIMEOUT);
    }

    @Test
    void popupsAreNotOpened() {
        origin.on(
                        "/",
                        Behaviours.page("<p id=out>x</p><a href=/popup target=_blank>y</a><script>"
                                + "for (let i = 0; i < 50; i++) window.open('/popup?' + i); document.querySelector('a').click()"
                                + "</script>"))
                .on("/popup", Behaviours.page("popup"));
        ScrapeOptions clicking = Browsers.doing(new PageAction.Click("a"));

        assertThat(browsers.out(origin.url("/"), clicking)).isEqualTo("x");
    }

    @Test
    void aPageCannotCloseItsTab() {
        origin.on("/", Behaviours.page("<p id=out>x<script>window.close(); open('', '_self').close()</script>"));

        Outcome outcome =
                browsers.scraper.scrape(Browsers.request(origin.url("/"), Browsers.OPTIONS, "{\"out\": \"#out\"}"));

        assertThat(outcome.toString()).containsAnyOf("\"x\"", "closes its own tab");
    }

    @Test
    void aDocumentThatGrowsBeyondTheLimitIsTooLarge() {
        origin.on(
                "/",
                Behaviours.page("<div id=out></div><script>out.textContent = 'camel '.repeat(10_000_000)</script>"));

        browsers.failed(origin.url("/"), Browsers.OPTIONS, ErrorCode.TOO_LARGE);
    }

    @Test
    void bodiesWithoutEndAreTooLargeOrATimeout() {
        origin.on("/html", Behaviours.endlessBody())
                .on("/xml", (request, socket, out) -> {
                    out.write(Behaviours.utf8("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a>"));
                    while (!socket.isClosed()) {
                        out.write(new byte[64 * 1024]);
                    }
                    return false;
                })
                .on("/image", Behaviours.page("<p id=out>x<script>fetch('/html').then(r => r.text())</script>"));

        browsers.failed(origin.url("/html"), Browsers.OPTIONS, ErrorCode.TOO_LARGE);
        browsers.failed(origin.url("/xml"), Browsers.OPTIONS, ErrorCode.TOO_LARGE);
        Outcome image = browsers.scraper.scrape(
                Browsers.request(origin.url("/image"), Browsers.OPTIONS, "{\"out\": \"#out\"}"));
        assertThat(image.toString()).containsAnyOf("\"x\"", "TOO_LARGE");
    }

    @Test
    void decompressionBombsAreTooLarge() {
        origin.on("/", Behaviours.gzipBomb(1500));

        Outcome outcome = browsers.scraper.scrape(Browsers.request(
                origin.url("/"), Browsers.options(Duration.ofSeconds(20), Browsers.PLAIN), "{\"out\": \"#out\"}"));

        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(((Outcome.Failed) outcome).code())
                .isIn(ErrorCode.TOO_LARGE, ErrorCode.TIMEOUT, ErrorCode.EXTRACTION_FAILED);
    }

    @Test
    void slownessIsATimeout() {
        origin.on("/drip", Behaviours.slowDrip()).on("/header", Behaviours.slowHeader());

        browsers.failed(origin.url("/drip"), SHORT, ErrorCode.TIMEOUT);
        browsers.failed(origin.url("/header"), SHORT, ErrorCode.TIMEOUT);
    }

    @Test
    void headersWithoutEndAreRefused() {
        origin.on("/line", Behaviours.endlessHeaderLine()).on("/flood", Behaviours.headerFlood());

        for (String path : List.of("/line", "/flood")) {
            Outcome outcome = browsers.scraper.scrape(
                    Browsers.request(origin.url(path), Browsers.OPTIONS, "{\"out\": \"#out\"}"));
            assertThat(outcome).isInstanceOf(Outcome.Failed.class);
            assertThat(((Outcome.Failed) outcome).code()).isIn(ErrorCode.TOO_LARGE, ErrorCode.CONNECTION_RESET);
        }
    }

    @Test
    void whatEatsMemoryEndsItself() {
        origin.on("/heap", Behaviours.page("<p id=out>x<script>const a = []; while (true) a.push({}, [1, 2])</script>"))
                .on(
                        "/buffers",
                        Behaviours.page(
                                "<p id=out>x<script>const a = []; setInterval(() => {"
                                        + " for (let i = 0; i < 20; i++) a.push(new Uint8Array(1 << 24).fill(1)) }, 10)</script>"));
        ScrapeOptions patient = Browsers.options(
                Duration.ofSeconds(40), new BrowserOptions(true, "#never", Duration.ZERO, List.of(), false, Set.of()));

        for (String path : List.of("/heap", "/buffers")) {
            Outcome outcome =
                    browsers.scraper.scrape(Browsers.request(origin.url(path), patient, "{\"out\": \"#out\"}"));
            assertThat(outcome).isInstanceOf(Outcome.Failed.class);
            assertThat(((Outcome.Failed) outcome).code())
                    .as(((Outcome.Failed) outcome).message())
                    .isIn(ErrorCode.TOO_LARGE, ErrorCode.EXTRACTION_FAILED);
        }
    }

    @Test
    void aPageThatKeepsMovingOnIsTakenAsItIsOrFails() {
        origin.on("/", Behaviours.page("<p id=out>x<script>setTimeout(() => location.reload(), 5)</script>"))
                .on(
                        "/hash",
                        Behaviours.page(
                                "<p id=out>x<script>setInterval(() => { location.hash = Math.random() }, 1)</script>"))
                .on("/push", Behaviours.page("<p id=out>x<script>history.pushState({}, '', '/elsewhere')</script>"));

        Outcome moving = browsers.scraper.scrape(Browsers.request(origin.url("/"), SHORT, "{\"out\": \"#out\"}"));
        assertThat(moving.toString()).containsAnyOf("\"x\"", "TIMEOUT");
        assertThat(browsers.out(origin.url("/hash"), Browsers.OPTIONS)).isEqualTo("x");
        assertThat(browsers.scraped(origin.url("/push"), Browsers.OPTIONS, "{\"out\": \"#out\"}")
                        .metadata()
                        .finalUrl())
                .isEqualTo(origin.url("/elsewhere"));
    }

    @Test
    void whatAPageDoesToTheLanguageDoesNotReachUs() {
        origin.on("/", Behaviours.page("""
                        <p id=out>true<script>
                        Object.defineProperty(Element.prototype, 'outerHTML', {get: () => '<p id=out>false'});
                        Object.defineProperty(document, 'documentElement', {get: () => null});
                        XMLSerializer.prototype.serializeToString = () => '<p id=out>false';
                        window.MutationObserver = window.Promise = window.setTimeout = () => { throw 'no' };
                        String.prototype.toString = () => 'false'; Object.prototype.html = 'false';
                        </script>
                        """));

        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("true");
    }

    @Test
    void aTreeDeeperThanAnyParserMakesIsNoMatter() {
        origin.on(
                "/",
                Behaviours.page("<p id=out>x<script>let e = document.body; for (let i = 0; i < 100000; i++)"
                        + " { const d = document.createElement('div'); e.append(d); e = d; }</script>"));

        Outcome outcome = browsers.scraper.scrape(Browsers.request(
                origin.url("/"), Browsers.options(Duration.ofSeconds(20), Browsers.PLAIN), "{\"out\": \"#out\"}"));

        assertThat(outcome.toString()).containsAnyOf("\"x\"", "EXTRACTION_FAILED", "TIMEOUT");
    }

    @Test
    void thousandsOfBlockedResourcesAreNoMatter() {
        origin.on(
                "/",
                Behaviours.page(
                        "<p id=out>x</p><script>for (let i = 0; i < 3000; i++) { new Image().src = '/i' + i }</script>"));

        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("x");
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void aDownloadIsNotTaken() {
        origin.on("/", Behaviours.page("<p id=out>x<a id=a href=/file download>y</a><script>a.click()</script>"))
                .on("/file", Behaviours.body("application/zip", new byte[1000]));

        Outcome outcome =
                browsers.scraper.scrape(Browsers.request(origin.url("/"), Browsers.OPTIONS, "{\"out\": \"#out\"}"));

        assertThat(outcome.toString()).containsAnyOf("\"x\"", "NOT_HTML");
    }

    @Test
    void aCertificateThatNobodyVouchesForIsATlsError(@TempDir Path directory) throws Exception {
        ServerSocket secure = SelfSigned.context(directory)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        try (MisbehavingOrigin site = MisbehavingOrigin.start(secure)) {
            site.on("/", Behaviours.page("<p id=out>x"));

            browsers.failed("https://127.0.0.1:" + site.port() + "/", Browsers.OPTIONS, ErrorCode.TLS_ERROR);

            assertThat(site.requests()).isEmpty();
        }
    }

    @Test
    void aHostThatDoesNotResolveOrRefusesIsThatError() {
        int port = origin.port();
        browsers.failed("http://no-such-host.invalid/", Browsers.OPTIONS, ErrorCode.DNS_FAILURE);
        browsers.failed("https://no-such-host.invalid/", Browsers.OPTIONS, ErrorCode.DNS_FAILURE);
        MisbehavingOrigin gone = MisbehavingOrigin.start();
        int closed = gone.port();
        gone.close();
        assertThat(closed).isNotEqualTo(port);
        browsers.failed("http://127.0.0.1:" + closed + "/", Browsers.OPTIONS, ErrorCode.CONNECTION_REFUSED);
        browsers.failed("https://127.0.0.1:" + closed + "/", Browsers.OPTIONS, ErrorCode.CONNECTION_REFUSED);
    }
}
