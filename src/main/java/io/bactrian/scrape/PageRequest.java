package io.bactrian.scrape;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.select.SelectorPlan;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One page of a task that is to be scraped now.
 *
 * @param url the absolute URL as the client wrote it
 * @param attempt which attempt this is, from 1
 * @param lane identifies the lane that asks: pages of one lane may share a browser context and a proxy, those of two never
 * @param account whose page it is; accounts share the node's memory and processors
 * @param hop where to go on, or null to begin at {@code url}
 * @param takesTurns whether each request to the host of a URL needs a turn of its own. The page has one, for the first URL
 *     that it requests; an engine that needs another gives {@link Outcome.Unfinished}
 * @param root the origin of the URL that the client named, where that is another URL than the page's: of a next page, the URL
 *     that its chain began with, and of a page of a sitemap, the sitemap's. Null where the client named this very URL, and
 *     {@link #NO_ORIGIN} where it is not known
 */
public record PageRequest(
        String url,
        ScrapeOptions options,
        SelectorPlan plan,
        int attempt,
        String lane,
        String account,
        @Nullable Hop hop,
        Predicate<HttpUrl> takesTurns,
        @Nullable String root) {
    /** Stands for the origin of no URL. */
    public static final String NO_ORIGIN = "";

    /** A page that the client named. */
    public PageRequest(
            String url,
            ScrapeOptions options,
            SelectorPlan plan,
            int attempt,
            String lane,
            String account,
            @Nullable Hop hop,
            Predicate<HttpUrl> takesTurns) {
        this(url, options, plan, attempt, lane, account, hop, takesTurns, null);
    }

    /** A page from its beginning, to hosts that need no turns. */
    public PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt, String lane) {
        this(url, options, plan, attempt, lane, lane, null, host -> false);
    }

    /** The page of a lane of its own. */
    public PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt) {
        this(url, options, plan, attempt, url);
    }

    /**
     * Where the task's headers and cookies may go.
     *
     * @throws io.bactrian.egress.EgressRefusedException if the page's URL is none that is requested
     */
    public TrustedOrigins trusted() {
        return TrustedOrigins.of(root == null ? HttpUrl.parse(url).origin() : root, options.headersFor());
    }
}
