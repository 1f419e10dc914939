package io.bactrian.scrape;

import io.bactrian.scrape.select.NextLink;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the pages of a task are to be fetched.
 *
 * @param followRedirects whether up to ten redirects are followed
 * @param timeout the longest that one page may take, from the first byte sent to the last received
 * @param headers request headers that the task adds or overrides; where they may go, {@link TrustedOrigins} says
 * @param cookies request cookies by name, which go where the headers go
 * @param respectRobotsTxt whether robots.txt decides over each URL
 * @param proxies which proxies the pages are requested through, or null for none
 * @param browser what the browser does on each page, or null for the engine of static pages
 * @param caching how static pages are kept for later, or null for not at all
 * @param next where pages say what the next one is, or null where nobody asks
 * @param headersFor origins, beside that of a page's own URL, that the headers and cookies may go to, as
 *     {@link io.bactrian.egress.HttpUrl#origin()} writes them
 */
public record ScrapeOptions(
        boolean followRedirects,
        Duration timeout,
        Map<String, String> headers,
        Map<String, String> cookies,
        boolean respectRobotsTxt,
        @Nullable ProxyRotation proxies,
        @Nullable BrowserOptions browser,
        @Nullable PageCaching caching,
        @Nullable NextLink next,
        Set<String> headersFor) {

    /** Pages that are always fetched, and never kept. */
    public ScrapeOptions(
            boolean followRedirects,
            Duration timeout,
            Map<String, String> headers,
            Map<String, String> cookies,
            boolean respectRobotsTxt,
            @Nullable ProxyRotation proxies,
            @Nullable BrowserOptions browser) {
        this(followRedirects, timeout, headers, cookies, respectRobotsTxt, proxies, browser, null, null, Set.of());
    }

    /** Static pages, requested directly. */
    public ScrapeOptions(
            boolean followRedirects,
            Duration timeout,
            Map<String, String> headers,
            Map<String, String> cookies,
            boolean respectRobotsTxt) {
        this(followRedirects, timeout, headers, cookies, respectRobotsTxt, null, null);
    }

    /** The same, with pages kept for later. */
    public ScrapeOptions with(@Nullable PageCaching keeping) {
        return new ScrapeOptions(
                followRedirects,
                timeout,
                headers,
                cookies,
                respectRobotsTxt,
                proxies,
                browser,
                keeping,
                next,
                headersFor);
    }

    /** The same, with an eye on the next page. */
    public ScrapeOptions with(@Nullable NextLink link) {
        return new ScrapeOptions(
                followRedirects,
                timeout,
                headers,
                cookies,
                respectRobotsTxt,
                proxies,
                browser,
                caching,
                link,
                headersFor);
    }

    /** The same, with headers and cookies for those origins too. */
    public ScrapeOptions withHeadersFor(Set<String> origins) {
        return new ScrapeOptions(
                followRedirects, timeout, headers, cookies, respectRobotsTxt, proxies, browser, caching, next, origins);
    }
}
