package io.bactrian.scrape.select;

import static io.bactrian.scrape.select.Extracting.html;
import static io.bactrian.scrape.select.Extracting.plan;
import static io.bactrian.scrape.select.Extracting.textPlan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

@Timeout(120)
class ExtractorTest {
    private static final int SIBLINGS = 300_000;

    private final Extractor extractor = new Extractor(new ExtractionProperties(DataSize.ofMegabytes(128), 1));

    @AfterEach
    void close() {
        extractor.close();
    }

    private String extract(String account, SelectorPlan plan, PageSource page) {
        return extractor.extract(account, page, plan, null).orElseThrow().data();
    }

    @Test
    void aPageOfMoreElementsThanItsMemoryIsRefusedBeforeItIsParsed() {
        PageSource page = html("<br>".repeat(2_600_000));

        assertThatExceptionOfType(PageTooLargeException.class)
                .isThrownBy(() -> extract("one", textPlan("xpath:count(//br)"), page))
                .withMessage("The page has too many elements: once parsed it would take more than 85 MB of memory.");
    }

    @Test
    void aPageThatUnfoldsToManyElementsIsRefusedWhileItIsParsed() {
        StringBuilder formatting = new StringBuilder("<p>");
        for (String tag : List.of("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")) {
            formatting.append('<').append(tag).append('>');
        }
        PageSource page = html(formatting + "</p>" + "<p>x</p>".repeat(300_000));

        assertThatExceptionOfType(PageTooLargeException.class).isThrownBy(() -> extract("one", textPlan("h1"), page));
    }

    @Test
    void blocksOfJsonThatUnfoldAreRefused() {
        PageSource page = html("<script type='application/ld+json'>[" + "{},".repeat(600_000) + "1]</script>");

        assertThatExceptionOfType(PageTooLargeException.class)
                .isThrownBy(() -> extract("one", plan("{'selector':'$[0]','type':'jsonld'}"), page));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "br:nth-last-child(2)",
                "br:last-of-type",
                "br:only-child",
                "xpath://br/following::br",
                "xpath://*[preceding-sibling::br]/i",
            })
    void anotherAccountsPageDoesNotWaitForPagesThatAreExpensive(String selector) throws Exception {
        SelectorPlan expensive = textPlan(selector);
        try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> storm = new ArrayList<>();
            for (int page = 0; page < 3; page++) {
                storm.add(lanes.submit(() -> extract("attacker", expensive, html("<br>".repeat(SIBLINGS)))));
            }
            int behind = 0;
            for (int page = 0; page < 5; page++) {
                assertThat(extract("other", textPlan("h1"), html("<h1>One</h1>")))
                        .isEqualTo("{\"x\":\"One\"}");
                behind += storm.stream().allMatch(Future::isDone) ? 1 : 0;
            }
            storm.forEach(page -> page.cancel(true));

            assertThat(behind).as("pages that came after the whole storm").isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'selector':'div','all':true}",
                "{'selector':'div','all':true,'transform':['number']}",
                "{'selector':'div','all':true,'fields':{'y':{'selector':'<','type':'regex'}}}",
                "{'selector':'xpath://br[id(local-name(.))]'}",
            })
    void readingTheSameContentAgainAndAgainIsCharged(String selector) {
        PageSource page = html("<div>".repeat(400) + "<br>".repeat(SIBLINGS));
        page.bound(new Budget(20_000_000, Duration.ofSeconds(60)), Long.MAX_VALUE);

        assertThatExceptionOfType(ExtractionException.class)
                .isThrownBy(() -> plan(selector).extract(page, new Budget(20_000_000, Duration.ofSeconds(60))))
                .withMessageContaining("takes too long");
    }

    @Test
    void anInterruptedPageLeavesItsMemoryAndItsTurn() throws Exception {
        Thread lane = Thread.ofPlatform().start(() -> {
            try {
                extract("one", textPlan("br:nth-last-child(2)"), html("<br>".repeat(SIBLINGS)));
            } catch (RuntimeException interrupted) {
                // As intended.
            }
        });
        lane.interrupt();
        lane.join();

        assertThat(extract("one", textPlan("h1"), html("<h1>One</h1>"))).isEqualTo("{\"x\":\"One\"}");
    }
}
