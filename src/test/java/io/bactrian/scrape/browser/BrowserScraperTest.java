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
}
