package io.bactrian.scrape;

/**
 * An engine that fetches one page and applies a selector plan to it.
 *
 * <p>Implementations are safe for use by many threads at once, take no longer than the request's timeout (plus a second for
 * extraction), and report every failure of the page as an {@link Outcome.Failed}, never as an exception.
 */
public interface Scraper {
    Outcome scrape(PageRequest page);

    /** Whether this node has all that the engine needs. */
    default boolean available() {
        return true;
    }
}
