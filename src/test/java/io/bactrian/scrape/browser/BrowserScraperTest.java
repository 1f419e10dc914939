package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.scrape.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pages that a browser is needed for, by the real Chromium. */
class BrowserScraperTest {
    private static Browsers browsers;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();

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
    }

    @Test
    void aPageMadeByItsScriptsIsRead() {
        origin.on("/", Behaviours.page("""
                                <title>Shop</title><p id=out>loading</p>
                                <script>fetch('/data').then(r => r.json()).then(d => {
                                  document.getElementById('out').textContent = d.price; })</script>
                                """))
                .on("/data", Behaviours.body("application/json", Behaviours.utf8("{\"price\": \"12.50\"}")));

        Outcome.Scraped scraped =
                browsers.scraped(origin.url("/"), Browsers.OPTIONS, "{\"title\": \"title\", \"price\": \"#out\"}");

        assertThat(scraped.data()).isEqualTo("{\"title\":\"Shop\",\"price\":\"12.50\"}");
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/"));
        assertThat(scraped.metadata().statusCode()).isEqualTo(200);
        assertThat(scraped.metadata().contentType()).isEqualTo("text/html; charset=utf-8");
        assertThat(scraped.screenshot()).isNull();
    }

    @Test
    void aPageDrawnByATimerShortlyAfterItHasLoadedIsReadWithIt() {
        origin.on("/", Behaviours.page("""
                        <body><script>let n = 0; const draw = setInterval(() => {
                          const p = document.createElement('p'); p.textContent = ++n; document.body.append(p);
                          if (n === 5) { p.id = 'out'; clearInterval(draw); } }, 30)</script>
                        """));

        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).isEqualTo("5");
    }

    @Test
    void aRedirectByScriptIsFollowed() {
        origin.on("/", Behaviours.page("<script>location.replace('/next')</script>"))
                .on("/next", Behaviours.page("<p id=out>there"));

        Outcome.Scraped scraped = browsers.scraped(origin.url("/"), Browsers.OPTIONS, "{\"out\": \"#out\"}");

        assertThat(scraped.data()).contains("there");
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/next"));
    }

    @Test
    void theFinalUrlIsTheOneAfterRedirectsAndTheBaseOfLinks() {
        origin.on("/", Behaviours.redirect(302, "/shop/list"))
                .on("/shop/list", Behaviours.page("<a id=out href=item?1>x</a>"));

        Outcome.Scraped scraped = browsers.scraped(
                origin.url("/"),
                Browsers.OPTIONS,
                "{\"link\": {\"selector\": \"a@href\", \"transform\": [\"absolute_url\"]}}");

        assertThat(scraped.data()).contains(origin.url("/shop/item?1"));
        assertThat(scraped.metadata().finalUrl()).isEqualTo(origin.url("/shop/list"));
    }

    @Test
    void aUserAgentWithTheContactUrlIsSentEverywhere() {
        origin.on(
                        "/",
                        Behaviours.page("<link rel=stylesheet href=/css><p id=out></p><script>"
                                + "document.getElementById('out').textContent = navigator.userAgent</script>"))
                .on("/css", Behaviours.body("text/css", new byte[0]));

        assertThat(browsers.out(origin.url("/"), Browsers.OPTIONS)).contains("BactrianBot", "example.org/contact");
        assertThat(origin.requests())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.header("user-agent")).contains("BactrianBot"));
    }
}
