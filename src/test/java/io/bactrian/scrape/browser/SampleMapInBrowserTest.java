package io.bactrian.scrape.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SamplePlace;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageAction;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sample map as the real Chromium shows it. */
class SampleMapInBrowserTest {
    private static final String NAMES = """
            {"names": {"selector": "div[role=feed] a[href*='/maps/place/']", "attribute": "aria-label", "all": true},
             "end": "div[role=feed] .HlvSq", "title": "h1"}
            """;

    private static Browsers browsers;
    private static SampleMap map;

    @BeforeAll
    static void open() {
        browsers = new Browsers(1);
        map = SampleMap.open(0);
    }

    @AfterAll
    static void closeAll() {
        map.close();
        browsers.close();
    }

    @Test
    void aFeedGrowsAsItIsScrolledUntilItsEndIsSaid() throws Exception {
        JsonNode seen = seen(
                "/maps/search/coffee+in+" + SampleMap.CITY + "?hl=en",
                new PageAction.Click("form[action*='consent.google'] button"),
                new PageAction.Wait("div[role='feed'] a", Duration.ZERO),
                new PageAction.Scroll("div[role='feed']", 20));

        assertThat(seen.path("names")).hasSize(SampleMap.MOST_RESULTS);
        assertThat(seen.path("end").asText()).isEqualTo("You've reached the end of the list.");
    }

    @Test
    void namesThatAreMarkupStayText() throws Exception {
        SamplePlace place = map.places("coffee").stream()
                .filter(candidate -> candidate.name().contains("</script>"))
                .findFirst()
                .orElseThrow();
        JsonNode seen = seen(
                "/maps/search/coffee/@%s,%s,15z?hl=en".formatted(place.latitude(), place.longitude()),
                new PageAction.Click("form[action*='consent.google'] button"),
                new PageAction.Wait("div[role='feed'] a", Duration.ZERO));

        assertThat(seen.path("names").get(0).asText()).isEqualTo(place.name());
    }

    @Test
    void aSearchWithOneHitBecomesItsPlace() throws Exception {
        JsonNode seen = seen(
                "/maps/search/lighthouse?hl=en",
                new PageAction.Click("form[action*='consent.google'] button"),
                new PageAction.Wait("h1", Duration.ZERO));

        assertThat(seen.path("names")).isEmpty();
        assertThat(seen.path("title").asText()).isEqualTo("Marl Light");
    }

    private static JsonNode seen(String path, PageAction... actions) throws Exception {
        Outcome.Scraped scraped = browsers.scraped(map.address() + path, Browsers.doing(actions), NAMES);
        return new ObjectMapper().readTree(scraped.data());
    }
}
