package io.bactrian.scrape.browser;

import io.bactrian.scrape.page.PageFailure;

/** What came of a visit with a routine. */
public sealed interface SiteVisit<T> {

    /** The routine has run to its end. */
    record Done<T>(T result) implements SiteVisit<T> {}

    /**
     * The page could not be had.
     *
     * @param url where the page was last requested from, redirects included
     */
    record Failed<T>(PageFailure failure, String url) implements SiteVisit<T> {}
}
