package io.bactrian.scrape.browser;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A page that a browser is to visit.
 *
 * @param asked the page's URL in its checked form
 */
record Errand(PageRequest page, HttpUrl asked) {
    private static final BrowserOptions PLAIN =
            new BrowserOptions(true, null, Duration.ZERO, List.of(), false, Set.of());

    ScrapeOptions options() {
        return page.options();
    }

    BrowserOptions browser() {
        BrowserOptions options = page.options().browser();
        return options == null ? PLAIN : options;
    }

    String lane() {
        return page.lane();
    }
}
