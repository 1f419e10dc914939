package io.bactrian.scrape.html;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a sitemap and in the sitemaps that it refers to.
 *
 * @param urls the pages in their order, none twice
 * @param files how many files were read
 * @param problems what could not be read, as sentences, the first few
 * @param failure why there are no pages, or null where there are some
 */
public record Sitemap(
        List<String> urls,
        int files,
        List<String> problems,
        @Nullable Failure failure) {
    public Sitemap {
        urls = List.copyOf(urls);
        problems = List.copyOf(problems);
    }

    /**
     * Why a sitemap gave no pages.
     *
     * @param retryable whether another attempt may succeed
     * @param retryAfter how long the site asked to be left alone, or null
     */
    public record Failure(
            String message, boolean retryable, @Nullable Duration retryAfter) {}
}
