package io.bactrian.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.Hop;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page that a lane keeps for later: to be tried again, or because it is not its turn yet.
 *
 * @param position of the page's row: that of its URL among the task's URLs, from 0, times the pages that a URL may have, and
 *     its number among these
 * @param attempt which attempt is the next one, from 1
 * @param notBefore when it may begin
 * @param booked the clock on which a slot at that time is booked for it, or null
 * @param hop where to go on, or null to begin at {@code url}
 * @param seen the marks of the pages that led to this one as next pages, or null for one of the task's own URLs
 * @param deaths how often a browser has died under it
 * @param root of a next page, the origin of the URL that its chain began with, or null for one of the task's own URLs
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeferredPage(
        int position,
        String url,
        int attempt,
        Instant notBefore,
        @Nullable String booked,
        @Nullable Hop hop,
        @Nullable List<String> seen,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) int deaths,
        @Nullable String root) {

    /** A page that nobody has asked for yet. */
    static DeferredPage first(int position, String url) {
        return new DeferredPage(position, url, 1, Instant.EPOCH, null, null, null, 0, null);
    }

    /** The same page for another attempt, from its beginning. */
    DeferredPage again(Instant when) {
        return new DeferredPage(position, url, attempt + 1, when, null, null, seen, deaths, root);
    }

    /** The same page for the same attempt, after a browser has died under it. */
    DeferredPage afterDeath(Instant when) {
        return new DeferredPage(position, url, attempt, when, null, null, seen, deaths + 1, root);
    }

    /** The same page, to go on elsewhere as soon as it can. */
    DeferredPage from(Hop next) {
        return new DeferredPage(position, url, attempt, Instant.EPOCH, null, next, seen, deaths, root);
    }

    /** The same page later, with a slot on that clock, or with none. */
    DeferredPage until(Instant when, @Nullable String clock) {
        return new DeferredPage(position, url, attempt, when, clock, hop, seen, deaths, root);
    }

    /**
     * The page that follows this one, or null if it is one of those that led here.
     *
     * @param trusted the origin of the URL that the client named, as the page that leads there had it
     */
    @Nullable
    DeferredPage following(String next, String trusted) {
        List<String> marks = new ArrayList<>(seen == null ? List.of() : seen);
        marks.add(mark(HttpUrl.parse(url).toString()));
        return marks.contains(mark(next))
                ? null
                : new DeferredPage(position + 1, next, 1, Instant.EPOCH, null, null, marks, 0, trusted);
    }

    /** A few bytes that stand for a URL: a chain has a hundred at most, and they all travel with it. */
    private static String mark(String canonicalUrl) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(canonicalUrl.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 9));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    /** The URL that is requested next. */
    String nextUrl() {
        return hop == null ? url : hop.url();
    }
}
