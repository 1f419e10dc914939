package io.bactrian.scrape.browser;

import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.Screenshot;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.select.PageSource;
import org.jspecify.annotations.Nullable;

/** What a browser has brought back of a page; the selectors are applied by whoever asked for it. */
sealed interface Visited {
    PageMetadata metadata();

    /** The page as it was when everything that was to be done on it had been done. */
    record Page(PageSource source, @Nullable Screenshot screenshot, PageMetadata metadata) implements Visited {}

    /** The errand's routine has run to its end. */
    record Done(PageMetadata metadata) implements Visited {}

    /** No page. */
    record Failed(PageFailure failure, PageMetadata metadata) implements Visited {}
}
