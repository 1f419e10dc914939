package io.bactrian.scrape;

import io.bactrian.egress.HttpUrl;

/** Which URLs belong to one site, as far as sitemaps and next links may name them. */
public final class Sites {
    private static final String PREFIX = "www.";

    private Sites() {}

    /** Whether two URLs have the same host, where a leading {@code www.} does not count. */
    public static boolean same(HttpUrl one, HttpUrl other) {
        return bare(one.host()).equals(bare(other.host()));
    }

    private static String bare(String host) {
        return host.startsWith(PREFIX) ? host.substring(PREFIX.length()) : host;
    }
}
