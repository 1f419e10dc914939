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
 * @param hop where to go on, or null to begin at {@code url}
 * @param takesTurns whether each request to the host of a URL needs a turn of its own. The page has one, for the first URL
 *     that it requests; an engine that needs another gives {@link Outcome.Unfinished}
 */
public record PageRequest(
        String url,
        ScrapeOptions options,
        SelectorPlan plan,
        int attempt,
        String lane,
        @Nullable Hop hop,
        Predicate<HttpUrl> takesTurns) {

    /** A page from its beginning, to hosts that need no turns. */
    public PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt, String lane) {
        this(url, options, plan, attempt, lane, null, host -> false);
    }

    /** The page of a lane of its own. */
    public PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt) {
        this(url, options, plan, attempt, url);
    }
}
