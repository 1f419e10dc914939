package io.bactrian.task;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.select.UrlPattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a task's URLs come from, beside those that the client gave.
 *
 * @param url of the sitemap
 * @param limit how many of its pages are wanted at most, or null for as many as is usual
 * @param include what their URLs must match, or null for all
 */
record SitemapSource(
        String url, @Nullable Integer limit, @Nullable UrlPattern include) {
    /** How many pages are wanted unless the client says otherwise. */
    static final int USUAL_LIMIT = 100;

    /** The origin of the sitemap; none where its URL is one that is refused. */
    String origin() {
        try {
            return HttpUrl.parse(url).origin();
        } catch (EgressRefusedException refused) {
            return PageRequest.NO_ORIGIN;
        }
    }
}
