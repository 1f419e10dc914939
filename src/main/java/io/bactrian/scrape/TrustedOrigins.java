package io.bactrian.scrape;

import io.bactrian.egress.HttpUrl;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The origins (RFC 6454: scheme, host and port) that get a task's headers and cookies: that of the URL which the client named,
 * and those that the client opened besides.
 *
 * <p>What a site says is no reason to trust: redirects, links, scripts and sitemaps lead anywhere, and change nothing here.
 *
 * @param origins as {@link HttpUrl#origin()} writes them
 */
public record TrustedOrigins(Set<String> origins) {
    /**
     * The origins of one page.
     *
     * @param root the origin of the URL that the client named
     * @param opened those of the task's {@code headers_for}
     */
    public static TrustedOrigins of(String root, Set<String> opened) {
        Set<String> all = new LinkedHashSet<>();
        if (!root.equals(PageRequest.NO_ORIGIN)) {
            all.add(root);
        }
        all.addAll(opened);
        return new TrustedOrigins(all);
    }

    /** Whether a request for the URL may carry what is meant for these origins alone. */
    public boolean contain(HttpUrl url) {
        return origins.contains(url.origin());
    }
}
