package io.bactrian.scrape.browser;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.BrowserOptions;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A page that a browser is to visit.
 *
 * @param asked the page's URL in its checked form
 * @param routine what is done on it instead of what its options say, or null
 */
record Errand(PageRequest page, HttpUrl asked, @Nullable Consumer<SitePage> routine) {
    private static final BrowserOptions PLAIN =
            new BrowserOptions(true, null, Duration.ZERO, List.of(), false, Set.of());

    /** A page of a task. */
    Errand(PageRequest page, HttpUrl asked) {
        this(page, asked, null);
    }

    /** Whether the pages of its lane share cookies. */
    boolean keepsCookies() {
        return routine != null;
    }

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
