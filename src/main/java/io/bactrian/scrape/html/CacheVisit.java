package io.bactrian.scrape.html;

import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import io.bactrian.egress.ResponseHead;
import io.bactrian.scrape.PageCaching;
import io.bactrian.scrape.RequestHeaders;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.TrustedOrigins;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the cache has of one page, and what becomes of it in one attempt.
 *
 * <p>Of a response's {@code Cache-Control} only {@code no-store} counts: how old a page may be is what the task says.
 */
final class CacheVisit {
    /** Requests with one of these ask for something else than the page, so they are none of the cache's business. */
    private static final Set<String> SPECIAL =
            Set.of("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range");

    private final PageCache cache;
    private final PageCaching caching;
    private final byte[] key;
    private final Instant now;
    private final @Nullable CachedPage kept;

    private CacheVisit(PageCache cache, PageCaching caching, byte[] key, Instant now) {
        this.cache = cache;
        this.caching = caching;
        this.key = key;
        // The database keeps microseconds; a page must not seem to have been fetched a little later than now.
        this.now = now.truncatedTo(ChronoUnit.MICROS);
        this.kept = cache.find(caching.owner(), key);
    }

    /** Looks the page up, or gives null for a task without a cache. */
    static @Nullable CacheVisit begin(
            PageCache cache, HttpUrl asked, ScrapeOptions options, TrustedOrigins trusted, Instant now) {
        @Nullable PageCaching caching = options.caching();
        if (caching == null
                || options.headers().keySet().stream()
                        .anyMatch(name -> SPECIAL.contains(name.toLowerCase(Locale.ROOT)))) {
            return null;
        }
        return new CacheVisit(cache, caching, CacheKey.of(asked, options, trusted), now);
    }

    /** The page, if it was fetched less than {@code max_age} ago. */
    @Nullable
    CachedPage fresh() {
        @Nullable CachedPage page = kept;
        return page != null
                        && caching.maxAge().isPositive()
                        && page.fetchedAt().plus(caching.maxAge()).isAfter(now)
                ? page
                : null;
    }

    /** Makes a request conditional (RFC 9110 section 13.1), if it is for the very URL that gave the page. */
    void addConditions(EgressRequest.Builder request, HttpUrl url) {
        if (kept == null || !kept.finalUrl().equals(url.toString())) {
            return;
        }
        if (kept.entityTag() != null) {
            request.header("If-None-Match", kept.entityTag());
        }
        if (kept.lastModified() != null) {
            request.header("If-Modified-Since", kept.lastModified());
        }
    }

    /** The page, if the answer says that it has not changed. */
    @Nullable
    CachedPage confirmed(HttpUrl url, ResponseHead head) {
        @Nullable CachedPage page = kept;
        if (head.status() != 304
                || page == null
                || !page.finalUrl().equals(url.toString())
                || (page.entityTag() == null && page.lastModified() == null)) {
            return null;
        }
        cache.confirm(caching.owner(), key, now);
        return page;
    }

    /** Keeps a whole page that was answered, or forgets the older one if this may not be kept. */
    void keep(HttpUrl url, EgressResponse response) {
        ResponseHead head = response.head();
        if (head.status() != 200) {
            return;
        }
        if (response.body().length <= PageCache.LARGEST_BODY && !forbidsStoring(head)) {
            cache.keep(
                    caching.owner(),
                    key,
                    new CachedPage(
                            url.toString(),
                            head.header("Content-Type"),
                            validator(head.header("ETag")),
                            validator(head.header("Last-Modified")),
                            now,
                            response.body()));
        } else if (kept != null) {
            cache.drop(caching.owner(), key);
        }
    }

    /** What may be sent back as it came; a value with control characters could be more than a value. */
    private static @Nullable String validator(@Nullable String value) {
        return value == null || RequestHeaders.valueProblem(value) != null ? null : value;
    }

    private static boolean forbidsStoring(ResponseHead head) {
        return head.headers("Cache-Control").stream()
                .flatMap(value -> Arrays.stream(value.toLowerCase(Locale.ROOT).split(",", -1)))
                .anyMatch(directive -> directive.strip().equals("no-store"));
    }
}
