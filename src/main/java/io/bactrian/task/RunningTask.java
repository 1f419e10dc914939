package io.bactrian.task;

import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.select.SelectorPlan;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What every step of a task needs and no step changes.
 *
 * @param account whose task it is
 * @param rateLimit requests a second to each host, or null
 * @param pagesOfUrl how many pages each URL has at most; more than one where next pages are followed
 * @param sitemapOrigin the origin of the sitemap that some of the URLs come from, or null
 * @param urlsGiven how many URLs the client gave; the others are the sitemap's
 */
record RunningTask(
        UUID account,
        TaskType type,
        SelectorPlan plan,
        ScrapeOptions options,
        int retryAttempts,
        @Nullable Double rateLimit,
        int pagesOfUrl,
        @Nullable String sitemapOrigin,
        int urlsGiven) {

    /**
     * The origin of the URL that the client named for a page: of a next page, that of the URL which its chain began with, and of
     * a page of a sitemap, the sitemap's. Null where the client named the page's own.
     */
    @Nullable
    String root(DeferredPage page) {
        if (page.root() != null) {
            return page.root();
        }
        if (page.seen() != null) {
            // A chain that was begun before its origin was noted.
            return PageRequest.NO_ORIGIN;
        }
        return sitemapOrigin != null && page.position() / pagesOfUrl >= urlsGiven ? sitemapOrigin : null;
    }
}
