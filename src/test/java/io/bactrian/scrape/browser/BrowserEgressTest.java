package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.egress.Rebinding;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.ForbiddenUrls;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chromium goes nowhere but where the guard lets it, whatever a page tries: real listeners see not one connection. */
@Timeout(180)
class BrowserEgressTest {
    private static final BrowserOptions EVERYTHING =
            new BrowserOptions(true, ".done", Duration.ZERO, List.of(), false, Set.of());
    private static Browsers browsers;

    /** Named, so that its name is allowed and its address is not. */
    private final MisbehavingOrigin allowed = MisbehavingOrigin.start();

    private final MisbehavingOrigin forbidden;
    private final DatagramSocket datagrams;
    private final AtomicInteger datagramsSeen = new AtomicInteger();

    BrowserEgressTest() throws IOException {
        ServerSocket everywhere = new ServerSocket();
        everywhere.bind(new InetSocketAddress(0));
        forbidden = MisbehavingOrigin.start(everywhere);
        datagrams = new DatagramSocket(new InetSocketAddress(forbidden.port()));
        Thread.ofVirtual().start(this::count);
    }

    @BeforeAll
    static void open() {
        browsers = new Browsers(
                Browsers.settings(2, Duration.ofMinutes(1), 1000),
                Browsers.temporaryDirectory(),
                Browsers.guard("localhost"),
                Map.of());
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
    }

    @AfterEach
    void close() {
        assertThat(forbidden.connections()).isZero();
        assertThat(datagramsSeen).hasValue(0);
        allowed.close();
        forbidden.close();
        datagrams.close();
    }

    @Test
    void noMainDocumentComesFromThere() {
        try (Browsers strict = new Browsers(
                Browsers.settings(1, Duration.ofMinutes(1), 1000),
                Browsers.temporaryDirectory(),
                Browsers.guard(),
                Map.of())) {
            for (String url : ForbiddenUrls.on(forbidden.port())) {
                assertThat(strict.scraper.scrape(request(url, "lane", 10)))
                        .as(url)
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.code())
                                        .isIn(ErrorCode.EGRESS_REFUSED, ErrorCode.DNS_FAILURE));
            }
        }
    }

    @Test
    void noRedirectLeadsThere() {
        redirects();
        forms().parallelStream().forEach(url -> {
            Outcome outcome = browsers.scraper.scrape(request(here("/redirect?") + encoded(url), "lane", 10));
            assertThat(outcome).as(url).isInstanceOf(Outcome.Failed.class);
        });
    }

    @Test
    void nothingThatAPageLoadsComesFromThere() {
        visit("""
                const add = (tag, attributes) => {
                  const element = Object.assign(document.createElement(tag), attributes);
                  document.body.append(element);
                  return element;
                };
                const quietly = f => { try { const p = f(); if (p && p.catch) p.catch(() => {}); } catch (refused) {} };
                for (const url of urls) {
                  quietly(() => add('img', {src: url}));
                  quietly(() => add('script', {src: url}));
                  quietly(() => add('iframe', {src: url}));
                  quietly(() => add('link', {rel: 'stylesheet', href: url}));
                  quietly(() => fetch(url, {mode: 'no-cors'}));
                  quietly(() => new WebSocket(url.replace(/^http/, 'ws')));
                }
                """);
    }

    @Test
    void nothingRareThatAPageLoadsComesFromThere() {
        visit("""
                const add = (tag, attributes) => {
                  const element = Object.assign(document.createElement(tag), attributes);
                  document.body.append(element);
                  return element;
                };
                const quietly = f => { try { const p = f(); if (p && p.catch) p.catch(() => {}); } catch (refused) {} };
                // Each costs far more than an image, and the proxy sees all alike.
                for (const url of urls.filter((url, index) => index % 10 === 0)) {
                  for (const rel of ['preload', 'prefetch', 'dns-prefetch', 'preconnect', 'modulepreload', 'prerender', 'icon', 'manifest'])
                    quietly(() => add('link', {rel, href: url, as: 'image'}));
                  quietly(() => add('video', {src: url, autoplay: true}));
                  quietly(() => add('object', {data: url}));
                  quietly(() => add('embed', {src: url}));
                  quietly(() => { add('p', {}).style.background = 'url("' + url + '")'; });
                  quietly(() => navigator.sendBeacon(url, 'x'));
                  quietly(() => new EventSource(url));
                  quietly(() => { const x = new XMLHttpRequest(); x.open('POST', url); x.send('x'); });
                  quietly(() => new Worker(URL.createObjectURL(new Blob(
                    ['try { importScripts(' + JSON.stringify(url) + ') } catch (e) {} fetch(' + JSON.stringify(url) + ').catch(() => {})']))));
                  quietly(() => window.open(url));
                  quietly(() => new WebTransport(url.replace(/^http:/, 'https:')).ready);
                  quietly(() => add('iframe', {srcdoc: '<meta http-equiv=refresh content="0;url=' + url + '">'}));
                }
                quietly(() => {
                  const rules = document.createElement('script');
                  rules.type = 'speculationrules';
                  rules.textContent = JSON.stringify({prefetch: [{source: 'list', urls}], prerender: [{source: 'list', urls}]});
                  document.head.append(rules);
                });
                """);
    }

    @Test
    void noRedirectOfWhatAPageLoadsLeadsThere() {
        redirects();
        visit("""
                for (const url of urls) {
                  const way = '/redirect?' + encodeURIComponent(url);
                  new Image().src = way;
                  fetch(way, {mode: 'no-cors'}).catch(() => {});
                  document.body.append(Object.assign(document.createElement('iframe'), {src: way}));
                }
                """);
    }

    @Test
    void noPageIsLedThereByItsScripts() {
        allowed.on(
                "/",
                Behaviours.page("<p class=done>x<script>location = 'http://127.0.0.1:" + forbidden.port() + "/'"
                        + "</script>"));

        Outcome outcome = browsers.scraper.scrape(request(here("/"), "lane", 10));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(ErrorCode.EGRESS_REFUSED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>location = 'TARGET'</script>",
                "<script>onload = () => setTimeout(() => location.assign('TARGET'), 20)</script>",
                "<script>onload = () => location.replace('TARGET')</script>",
                "<meta http-equiv=refresh content='0;url=TARGET'>",
                "<form action='TARGET'></form><script>document.forms[0].submit()</script>",
                "<form action='TARGET' method=post></form><script>onload = () => document.forms[0].submit()</script>",
                "<a href='TARGET'>x</a><script>document.links[0].click()</script>",
                "<script>location = '/redirect?TARGET'</script>"
            })
    void aPageThatMovesThereIsARowThatSaysSo(String html) {
        redirects();
        List<String> targets = html.contains("/redirect?")
                ? List.of("https://127.0.0.1:" + forbidden.port() + "/")
                : List.of("https://127.0.0.1:" + forbidden.port() + "/", "http://169.254.169.254/latest/meta-data/");
        for (String target : targets) {
            String place = html.contains("/redirect?") ? encoded(target) : target;
            allowed.on("/moves", Behaviours.page("<p class=done>x</p>" + html.replace("TARGET", place)));

            Outcome outcome = browsers.scraper.scrape(request(here("/moves"), "lane", 10));

            assertThat(outcome)
                    .as(target)
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.EGRESS_REFUSED));
        }
    }

    @Test
    void peersAreNotCalledDirectly() {
        allowed.on("/", Behaviours.page("""
                        <body><script>
                        const port = %d;
                        const servers = [{urls: 'stun:127.0.0.1:' + port}, {urls: 'stun:localhost:' + port},
                          {urls: ['turn:127.0.0.1:' + port + '?transport=udp', 'turn:127.0.0.1:' + port + '?transport=tcp',
                            'turns:127.0.0.1:' + port], username: 'a', credential: 'b'}];
                        (async () => {
                          try {
                            const peer = new RTCPeerConnection({iceServers: servers});
                            peer.createDataChannel('x');
                            await peer.setLocalDescription(await peer.createOffer());
                            const other = new RTCPeerConnection({iceServers: servers});
                            await other.setRemoteDescription(peer.localDescription);
                            await other.setLocalDescription(await other.createAnswer());
                            await peer.setRemoteDescription(other.localDescription);
                            for (const candidate of [
                              'candidate:1 1 udp 2130706431 127.0.0.1 ' + port + ' typ host',
                              'candidate:2 1 tcp 2130706430 127.0.0.1 ' + port + ' typ host tcptype passive'])
                              await peer.addIceCandidate({candidate, sdpMid: '0', sdpMLineIndex: 0});
                          } catch (none) { document.title = String(none); }
                          setTimeout(() => document.body.className = 'done', 3000);
                        })();
                        </script>
                        """.formatted(forbidden.port())));

        assertThat(browsers.scraper.scrape(request(here("/"), "lane", 60))).isInstanceOf(Outcome.Scraped.class);
    }

    @Test
    void aServiceWorkerGoesNowhereElse() {
        allowed.on("/worker.js", Behaviours.body("text/javascript", Behaviours.utf8("""
                        self.addEventListener('install', e => e.waitUntil(fetch('http://127.0.0.1:%d/').catch(() => {})));
                        fetch('http://127.0.0.1:%d/', {mode: 'no-cors'}).catch(() => {});
                        """.formatted(
                                forbidden.port(), forbidden.port()))))
                .on("/frame", Behaviours.page("<script>navigator.serviceWorker.register('/worker.js')</script>"))
                .on("/", Behaviours.page("""
                                <body><iframe src=/frame></iframe><script>
                                navigator.serviceWorker.register('/worker.js');
                                ServiceWorkerContainer.prototype.register.call(navigator.serviceWorker, '/worker.js');
                                try { new SharedWorker('/worker.js') } catch (none) {}
                                setTimeout(() => document.body.className = 'done', 1500)</script>
                                """));

        assertThat(browsers.scraper.scrape(request(here("/"), "lane", 60))).isInstanceOf(Outcome.Scraped.class);
    }

    @Test
    void aNameThatChangesItsAddressLeadsNowhere() throws Exception {
        InetAddress good = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        InetAddress bad = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        AtomicInteger lookups = new AtomicInteger();
        try (MisbehavingOrigin site = MisbehavingOrigin.start();
                ServerSocket other = new ServerSocket()) {
            // The same port of another address.
            other.bind(new InetSocketAddress(bad, site.port()));
            MisbehavingOrigin inside = MisbehavingOrigin.start(other);
            site.on(
                    "/",
                    Behaviours.page("<body><script>Promise.allSettled([1, 2, 3].map(n =>"
                            + " fetch('http://both.example:" + site.port()
                            + "/' + n, {mode: 'no-cors'})).concat([4, 5, 6].map(n =>"
                            + " fetch('/' + n)))).then(() => document.body.className = 'done')</script>"));
            try (Browsers rebound = new Browsers(
                    Browsers.settings(1, Duration.ofMinutes(1), 100),
                    Browsers.temporaryDirectory(),
                    Rebinding.guard(
                            List.of("127.0.0.1"),
                            name -> name.equals("both.example")
                                    ? new InetAddress[] {good, bad}
                                    : new InetAddress[] {lookups.getAndIncrement() == 0 ? good : bad}),
                    Map.of())) {
                String url = "http://changing.example:" + site.port() + "/";
                assertThat(rebound.scraper.scrape(request(url, "lane", 60))).isInstanceOf(Outcome.Scraped.class);
                assertThat(rebound.scraper.scrape(request(url.replace("changing", "both"), "lane", 60)))
                        .isInstanceOf(Outcome.Failed.class);
                assertThat(rebound.scraper.scrape(request(url.replace("changing", "second"), "lane", 60)))
                        .isInstanceOf(Outcome.Failed.class);
            }
            assertThat(inside.connections()).isZero();
            assertThat(lookups.get()).isPositive();
            inside.close();
        }
    }

    private void visit(String script) {
        allowed.on(
                "/",
                Behaviours.page("<body><script>const urls = " + json(forms()) + ";\n" + script
                        + "\nsetTimeout(() => document.body.className = 'done', 2000)</script>"));

        assertThat(browsers.scraper.scrape(request(here("/"), "lane", 120))).isInstanceOf(Outcome.Scraped.class);
    }

    private void redirects() {
        allowed.on("/redirect", (request, socket, out) -> {
            String to = URLDecoder.decode(
                    request.target().substring(request.target().indexOf('?') + 1), StandardCharsets.UTF_8);
            return Behaviours.status(302, "Location: " + to.replaceAll("[\r\n]", ""), "Access-Control-Allow-Origin: *")
                    .answer(request, socket, out);
        });
    }

    /** Of the names, localhost is allowed here; whatever else means this machine is not. */
    private List<String> forms() {
        return ForbiddenUrls.on(forbidden.port()).stream()
                .filter(url -> !ForbiddenUrls.names(forbidden.port()).contains(url))
                // An octal number to browsers, which names a public address.
                .filter(url -> !url.contains("//02130706433:"))
                .toList();
    }

    private String here(String path) {
        return "http://localhost:" + allowed.port() + path;
    }

    private static PageRequest request(String url, String lane, int seconds) {
        boolean page = url.startsWith("http") && !url.contains("redirect");
        ScrapeOptions options =
                Browsers.options(Duration.ofSeconds(seconds), page && seconds > 10 ? EVERYTHING : Browsers.PLAIN);
        return new PageRequest(url, options, Browsers.plan("{\"out\": \"#out\"}"), 1, lane);
    }

    private static String encoded(String url) {
        return URLEncoder.encode(url, StandardCharsets.UTF_8);
    }

    private static String json(List<String> urls) {
        try {
            return new ObjectMapper().writeValueAsString(urls).replace("</", "<\\/");
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void count() {
        try {
            while (!datagrams.isClosed()) {
                datagrams.receive(new DatagramPacket(new byte[2048], 2048));
                datagramsSeen.incrementAndGet();
            }
        } catch (IOException closed) {
            if (!datagrams.isClosed()) {
                throw new UncheckedIOException(closed);
            }
        }
    }
}
