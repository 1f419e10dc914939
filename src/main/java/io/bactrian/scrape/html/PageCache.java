package io.bactrian.scrape.html;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where pages are kept between tasks, each owner's apart from any other's.
 *
 * <p>It is only ever a help: what cannot be kept or found is fetched, so no method fails.
 */
interface PageCache {
    /** The largest body that is kept, in bytes. */
    int LARGEST_BODY = 2 * 1024 * 1024;

    /** The page that is kept under the key, or null. */
    @Nullable
    CachedPage find(String owner, byte[] key);

    /** Keeps a page in place of what was there. */
    void keep(String owner, byte[] key, CachedPage page);

    /** Notes that the site has confirmed what is kept. */
    void confirm(String owner, byte[] key, Instant at);

    /** Forgets what is kept under the key. */
    void drop(String owner, byte[] key);

    /** A cache that keeps nothing. */
    static PageCache none() {
        return new PageCache() {
            @Override
            public @Nullable CachedPage find(String owner, byte[] key) {
                return null;
            }

            @Override
            public void keep(String owner, byte[] key, CachedPage page) {}

            @Override
            public void confirm(String owner, byte[] key, Instant at) {}

            @Override
            public void drop(String owner, byte[] key) {}
        };
    }
}
