package io.bactrian.scrape;

import io.bactrian.OutsideText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What came of one attempt to scrape one page. */
public sealed interface Outcome {

    /** What is known of the fetch. */
    PageMetadata metadata();

    /**
     * The page was had.
     *
     * @param data the extracted values, a JSON object with one member for each selector, in their order
     * @param screenshot a picture of the page, or null where none was asked for
     * @param next the absolute URL of the page that follows it, of the same site, or null where there is none or nobody asks
     */
    record Scraped(
            String data,
            PageMetadata metadata,
            @Nullable Screenshot screenshot,
            @Nullable String next) implements Outcome {
        public Scraped {
            data = OutsideText.clean(data);
            next = next == null ? null : OutsideText.clean(next);
        }

        /** A page without a picture. */
        public Scraped(String data, PageMetadata metadata) {
            this(data, metadata, null, null);
        }

        /** A page that no other follows. */
        public Scraped(String data, PageMetadata metadata, @Nullable Screenshot screenshot) {
            this(data, metadata, screenshot, null);
        }
    }

    /**
     * The page was not had.
     *
     * @param message one sentence for the person who asked for the page
     * @param retryable whether another attempt may succeed: connect errors, timeouts and the statuses 408, 425, 429, 500,
     *     502, 503 and 504
     * @param retryAfter how long the site asked to be left alone ({@code Retry-After}, RFC 9110 section 10.2.3), or null
     */
    record Failed(
            ErrorCode code,
            String message,
            boolean retryable,
            @Nullable Duration retryAfter,
            PageMetadata metadata) implements Outcome {
        public Failed {
            message = OutsideText.clean(message, OutsideText.LINE);
        }
    }

    /**
     * The browser died under the page, so that nothing is known of it. Whoever asked for the page counts how often that has
     * happened to it.
     */
    record BrowserDied(PageMetadata metadata) implements Outcome {}

    /**
     * The page needs another request, which has to wait for its own turn: a redirect was met, or robots.txt was read first.
     *
     * @param next where to go on, with the same attempt
     */
    record Unfinished(Hop next, PageMetadata metadata) implements Outcome {}
}
