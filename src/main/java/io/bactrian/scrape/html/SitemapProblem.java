package io.bactrian.scrape.html;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A file of a sitemap that could not be read, with a sentence that says why. */
final class SitemapProblem extends Exception {
    private static final long serialVersionUID = 1L;

    private final String sentence;
    private final boolean retryable;
    private final transient @Nullable Duration retryAfter;

    SitemapProblem(String sentence, boolean retryable, @Nullable Duration retryAfter) {
        super(sentence);
        this.sentence = sentence;
        this.retryable = retryable;
        this.retryAfter = retryAfter;
    }

    /** A file that will be no better the next time. */
    SitemapProblem(String sentence) {
        this(sentence, false, null);
    }

    String sentence() {
        return sentence;
    }

    Sitemap.Failure failure() {
        return new Sitemap.Failure(sentence, retryable, retryAfter);
    }
}
