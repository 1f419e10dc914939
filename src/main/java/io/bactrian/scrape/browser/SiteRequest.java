package io.bactrian.scrape.browser;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A page that is to be visited with a routine.
 *
 * @param language of the answers, the value of {@code Accept-Language}
 * @param lane identifies those visits that share cookies and a proxy
 * @param respectRobotsTxt whether robots.txt decides over each URL that the page leads to
 * @param proxyPool the pool of proxies that it is requested through, or null to request it directly
 * @param timeout the longest that the visit may take, from when a browser is free for it
 */
public record SiteRequest(
        String url,
        String language,
        String lane,
        boolean respectRobotsTxt,
        @Nullable String proxyPool,
        Duration timeout) {}
