package io.bactrian.scrape;

import java.time.Duration;

/**
 * That pages may be answered from, and are kept in, the page cache.
 *
 * @param owner whose cache it is; pages of one owner are never given to another
 * @param maxAge how long ago a page may have been fetched to be answered without a request; an older one is asked for
 *     conditionally
 */
public record PageCaching(String owner, Duration maxAge) {
    /** The longest that a page is kept, and so the largest {@code maxAge} that makes sense. */
    public static final Duration LONGEST = Duration.ofDays(7);
}
