package io.bactrian.scrape.polite;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.politeness}: how fast hosts are asked, over all nodes and tenants.
 *
 * @param requestsPerSecond requests to one host in any second
 * @param concurrentRequests requests to one host under way at once
 * @param longestCrawlDelay the longest {@code Crawl-delay} of a robots.txt that is obeyed; a longer one is cut to it
 * @param hosts exceptions; the first that matches a host counts
 */
@ConfigurationProperties("bactrian.politeness")
public record PolitenessProperties(
        @DefaultValue("5") double requestsPerSecond,
        @DefaultValue("4") int concurrentRequests,
        @DefaultValue("60s") Duration longestCrawlDelay,
        @DefaultValue List<HostEntry> hosts) {

    /**
     * What counts for some hosts.
     *
     * @param host a host name, {@code *.suffix}, an address or a CIDR block
     * @param port the port that it is about, or null for all
     * @param requestsPerSecond null for the general one
     * @param concurrentRequests null for the general one
     * @param unlimited whether there is no limit at all
     */
    public record HostEntry(
            String host,
            @Nullable Integer port,
            @Nullable Double requestsPerSecond,
            @Nullable Integer concurrentRequests,
            @DefaultValue("false") boolean unlimited) {}
}
