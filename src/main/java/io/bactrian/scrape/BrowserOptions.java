package io.bactrian.scrape;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the browser does on each page of a task before the selectors are applied.
 *
 * @param javascriptEnabled whether the page's own scripts run
 * @param waitForSelector a CSS selector, or an XPath after {@code xpath:}, that must match before the actions begin, or null
 * @param pause how long to wait after the actions
 * @param actions what is done on the page, in order
 * @param screenshot whether a picture of the page is kept
 * @param blocked the kinds of resources that are not loaded
 */
public record BrowserOptions(
        boolean javascriptEnabled,
        @Nullable String waitForSelector,
        Duration pause,
        List<PageAction> actions,
        boolean screenshot,
        Set<ResourceKind> blocked) {
    public BrowserOptions {
        actions = List.copyOf(actions);
        blocked = Set.copyOf(blocked);
    }

    /** A kind of resource that a page loads, by its name in {@code block_resources}. */
    public enum ResourceKind {
        IMAGE,
        MEDIA,
        FONT,
        STYLESHEET,
        SCRIPT;

        /** The kind of that name. */
        public static ResourceKind of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }
}
