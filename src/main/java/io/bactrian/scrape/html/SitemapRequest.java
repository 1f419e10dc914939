package io.bactrian.scrape.html;

import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.select.UrlPattern;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A sitemap that is to be read for a task.
 *
 * @param url where it is, absolute
 * @param limit how many pages are wanted at most
 * @param known URLs that the task has already, and that are not wanted again
 * @param include what a page's URL must match, or null for all pages
 * @param options how files are requested: with the headers, the cookies and the timeout of pages
 * @param mayGoOn asked before each file; when false, the reading ends with what there is
 */
public record SitemapRequest(
        String url,
        int limit,
        List<String> known,
        @Nullable UrlPattern include,
        ScrapeOptions options,
        BooleanSupplier mayGoOn) {}
