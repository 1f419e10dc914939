package io.bactrian.scrape.browser;

/**
 * What is to be done on a page that has just been opened, and what to bring back from it.
 *
 * <p>It runs on the thread of a browser, which does nothing else meanwhile.
 */
@FunctionalInterface
public interface PageRoutine<T> {
    T run(SitePage page);
}
