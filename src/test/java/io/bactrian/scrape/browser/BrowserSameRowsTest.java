package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A page that needs no browser gives the same row with one. */
class BrowserSameRowsTest {
    private static final String SELECTORS = """
            {"title": "title", "texts": {"selector": "p, td, li, pre", "all": true},
             "links": {"selector": "a@href", "all": true, "transform": ["absolute_url"]},
             "html": {"selector": "div", "html": true}, "xpath": "xpath://h1[1]", "meta": {"selector": "description", "type": "meta"},
             "ld": {"selector": "$.name", "type": "jsonld"}, "price": {"selector": ".price", "transform": ["number"]}}
            """;

    private static final Map<String, Behaviour> PAGES = pages();
    private static final MisbehavingOrigin ORIGIN = MisbehavingOrigin.start();
    private static Browsers browsers;

    private static Map<String, Behaviour> pages() {
        Map<String, Behaviour> pages = new LinkedHashMap<>();
        pages.put(
                "/plain",
                Behaviours.page(
                        "<!doctype html><title>Plain</title><h1>One</h1><p>text <b>bold</b><a href=x?a=1&amp;b=2>x</a>"
                                + "<div class=price>1,234.50 &euro;</div>"));
        pages.put("/quirks", Behaviours.page("<title>Quirks</title><p><table><td>1<td>2<p>in</table><p>out"));
        pages.put("/unclosed", Behaviours.page("<ul><li>a<li>b<li>c<p>d<div>e<b>f<i>g</b>h</i>"));
        pages.put("/base", Behaviours.page("<base href=https://example.org/deep/><a href=item>x</a>"));
        pages.put(
                "/ld",
                Behaviours.page(
                        "<script type=application/ld+json>{\"name\": \"Lamp\"}</script><meta name=description content='A \"lamp\"'>"));
        pages.put(
                "/template",
                Behaviours.page("<template><p>hidden</p></template><p>shown</p><textarea><p>raw</p></textarea>"));
        pages.put("/noscript", Behaviours.page("<noscript><p>none</p></noscript><p>x"));
        pages.put("/entities", Behaviours.page("<p>&lt;&amp;&gt; &nbsp; &copy &notit; &#x1F42B; &#0; &#128;</p>"));
        pages.put("/pre", Behaviours.page("<pre>a\n  b\tc</pre><p>  much   white \n space  </p>"));
        pages.put(
                "/svg",
                Behaviours.page(
                        "<svg viewBox='0 0 1 1'><title>s</title><path d='M0 0'/></svg><p>x<math><mi>y</mi></math>"));
        pages.put("/comment", Behaviours.page("<!-- a --><p>x<!--b-->y</p><![CDATA[z]]>"));
        pages.put("/nul", Behaviours.page("<p>a\0b</p><p title='c\0d'>e"));
        pages.put("/deep", Behaviours.page("<div>".repeat(3000) + "<p>deep"));
        pages.put("/empty", Behaviours.page(""));
        pages.put("/undeclared", Behaviours.body("text/html", Behaviours.utf8("<title>Grüße</title><p>Köln 🐫")));
        pages.put("/untyped", Behaviours.untyped("<title>Grüße</title><p>ohne"));
        pages.put("/meta", encoded("text/html", "<meta charset=windows-1252><p>Grüße €", "windows-1252"));
        pages.put("/header", encoded("text/html; charset=ISO-8859-15", "<p>Grüße €", "ISO-8859-15"));
        pages.put("/japanese", encoded("text/html; charset=Shift_JIS", "<title>日本語</title><p>テスト", "Shift_JIS"));
        pages.put("/bom", Behaviours.body("text/html", "\uFEFF<p>Grüße".getBytes(StandardCharsets.UTF_16LE)));
        pages.put("/unknown", Behaviours.body("text/html; charset=klingon", Behaviours.utf8("<p>Grüße")));
        pages.put("/lying", encoded("text/html; charset=utf-8", "<p>Gr\u00fc\u00dfe", "ISO-8859-1"));
        pages.put(
                "/xhtml",
                Behaviours.body("application/xhtml+xml", Behaviours.utf8("<html><body><p>x<br>y</p></body></html>")));
        pages.put(
                "/attachment",
                Behaviours.body("text/html", Behaviours.utf8("<p>x"), "Content-Disposition: attachment"));
        pages.put(
                "/xml", Behaviours.body("application/xml", Behaviours.utf8("<a><title>T</title><p>1</p><P>2</P></a>")));
        pages.put("/rss", Behaviours.body("application/rss+xml", Behaviours.utf8("<rss><title>T</title></rss>")));
        pages.put(
                "/gzip",
                Behaviours.body("text/html", Behaviours.gzip(Behaviours.utf8("<p>x")), "Content-Encoding: gzip"));
        pages.put(
                "/xmlgzip",
                Behaviours.body("text/xml", Behaviours.gzip(Behaviours.utf8("<p>ü</p>")), "Content-Encoding: gzip"));
        pages.put("/chunked", Behaviours.chunked("<p>chunked"));
        pages.put("/json", Behaviours.body("application/json", Behaviours.utf8("{\"a\": 1}")));
        pages.put("/pdf", Behaviours.body("application/pdf", Behaviours.utf8("%PDF")));
        pages.put("/text", Behaviours.body("text/plain", Behaviours.utf8("text")));
        pages.put(
                "/zip", Behaviours.body("application/octet-stream", new byte[100], "Content-Disposition: attachment"));
        pages.put("/none", Behaviours.raw("HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\n\r\n"));
        for (int status : new int[] {300, 400, 401, 403, 404, 407, 410, 418, 429, 451, 500, 502, 503, 599}) {
            pages.put(
                    "/status/" + status,
                    Behaviours.status(status, "Retry-After: 7", "WWW-Authenticate: Basic realm=x"));
        }
        pages.put("/unchanged", Behaviours.raw("HTTP/1.1 304 Not Modified\r\n\r\n"));
        pages.put("/moved", Behaviours.redirect(301, "/plain"));
        pages.put("/nowhere", Behaviours.status(302));
        pages.put("/fragment", Behaviours.redirect(302, "/plain#part"));
        pages.put("/utf8", Behaviours.redirect(302, "/pl\u00e4in"));
        pages.put("/loop", Behaviours.redirect(302, "/loop"));
        pages.put("/inside", Behaviours.redirect(302, "http://10.0.0.1/"));
        pages.put("/file", Behaviours.redirect(302, "file:///etc/passwd"));
        pages.put("/data", Behaviours.redirect(302, "data:text/html,<p>x"));
        pages.put("/user", Behaviours.redirect(302, "http://a:b@127.0.0.1/"));
        pages.put("/backslash", Behaviours.redirect(302, "http:\\\\127.0.0.1\\"));
        pages.put("/announced", (request, socket, out) -> {
            out.write(Behaviours.utf8(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999\r\n\r\n<p>x"));
            return Behaviours.slowDrip().answer(request, socket, out);
        });
        pages.put("/short", Behaviours.truncated());
        pages.put("/reset", Behaviours.resetMidBody());
        pages.put("/hangup", Behaviours.hangUp());
        return pages;
    }

    private static Behaviour encoded(String type, String html, String charset) {
        return Behaviours.body(type, html.getBytes(Charset.forName(charset)));
    }

    @BeforeAll
    static void open() {
        PAGES.forEach(ORIGIN::on);
        browsers = new Browsers(1);
    }

    @AfterAll
    static void closeAll() {
        browsers.close();
        ORIGIN.close();
    }

    static Iterable<String> paths() {
        return PAGES.keySet();
    }

    @ParameterizedTest
    @MethodSource("paths")
    void bothEnginesAgree(String path) {
        ScrapeOptions options = Browsers.options(Duration.ofSeconds(30), Browsers.PLAIN);
        PageRequest request = Browsers.request(ORIGIN.url(path), options, SELECTORS);

        Outcome html = browsers.html.scrape(request);
        Outcome browser = browsers.scraper.scrape(request);

        assertThat(said(browser)).isEqualTo(said(html));
        assertThat(browser.metadata().finalUrl()).isEqualTo(html.metadata().finalUrl());
        assertThat(browser.metadata().statusCode()).isEqualTo(html.metadata().statusCode());
        assertThat(browser.metadata().contentType()).isEqualTo(html.metadata().contentType());
    }

    private static String said(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Scraped scraped -> scraped.data();
            case Outcome.BrowserDied died -> "the browser died";
            case Outcome.Unfinished unfinished -> "goes on at " + unfinished.next();
            case Outcome.Failed failed ->
                failed.code() + " " + failed.retryable() + " " + failed.retryAfter() + " "
                        + (failed.metadata().statusCode() == null ? "" : failed.message());
        };
    }
}
