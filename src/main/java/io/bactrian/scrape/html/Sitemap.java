package io.bactrian.scrape.html;

import io.bactrian.OutsideText;
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
        urls = urls.stream().map(OutsideText::clean).toList();
        problems = problems.stream()
                .map(problem -> OutsideText.clean(problem, OutsideText.LINE))
                .toList();
    }

    /**
     * Why a sitemap gave no pages.
     *
     * @param retryable whether another attempt may succeed
     * @param retryAfter how long the site asked to be left alone, or null
     */
    public record Failure(
            String message, boolean retryable, @Nullable Duration retryAfter) {
        public Failure {
            message = OutsideText.clean(message, OutsideText.LINE);
        }
    }
}
