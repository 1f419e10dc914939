package io.bactrian.scrape.polite;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.HostPattern;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The limits of hosts, as the configuration sets them.
 *
 * <p>The first entry of {@code bactrian.politeness.hosts} that matches counts. Without one, hosts that
 * {@code bactrian.egress.allow} opens are the operator's own and have no limit; all others have the general one. Looking is
 * done in memory alone.
 */
@Component
public final class HostLimits {
    private final double requestsPerSecond;
    private final int concurrentRequests;
    private final Duration longestCrawlDelay;
    private final List<Rule> exceptions;
    private final List<HostPattern> operatorsOwn;
    private final Cache<String, HostPace> paces =
            Caffeine.newBuilder().maximumSize(10_000).build();

    private record Rule(HostPattern host, HostEntry entry) {
        boolean matches(HttpUrl url) {
            Integer port = entry.port();
            return (port == null || port == url.port()) && host.matches(url);
        }
    }

    /** @throws IllegalArgumentException if the configuration cannot be meant */
    public HostLimits(PolitenessProperties politeness, EgressProperties egress) {
        this.requestsPerSecond = positive("requests-per-second", politeness.requestsPerSecond());
        this.concurrentRequests = (int) positive("concurrent-requests", politeness.concurrentRequests());
        this.longestCrawlDelay = politeness.longestCrawlDelay();
        this.exceptions = politeness.hosts().stream().map(HostLimits::exception).toList();
        this.operatorsOwn = egress.allow().stream()
                .filter(entry -> !entry.isBlank())
                .map(HostPattern::parse)
                .toList();
    }

    /** How fast the host of a URL may be asked. */
    HostPace paceOf(HttpUrl url) {
        String key = key(url);
        HostPace known = paces.getIfPresent(key);
        if (known == null) {
            known = decide(key, url);
            paces.put(key, known);
        }
        return known;
    }

    Duration longestCrawlDelay() {
        return longestCrawlDelay;
    }

    /** The host, and its port unless it is one of the web's own: so http and https of a site are one. */
    static String key(HttpUrl url) {
        String host = url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]";
        return url.port() == 80 || url.port() == 443 ? host : host + ":" + url.port();
    }

    private HostPace decide(String key, HttpUrl url) {
        for (Rule exception : exceptions) {
            if (exception.matches(url)) {
                return pace(key, exception.entry());
            }
        }
        return operatorsOwn.stream().anyMatch(host -> host.matches(url))
                ? HostPace.unlimited(key)
                : HostPace.of(key, requestsPerSecond, concurrentRequests);
    }

    private HostPace pace(String key, HostEntry entry) {
        return entry.unlimited()
                ? HostPace.unlimited(key)
                : HostPace.of(
                        key,
                        Objects.requireNonNullElse(entry.requestsPerSecond(), requestsPerSecond),
                        Objects.requireNonNullElse(entry.concurrentRequests(), concurrentRequests));
    }

    private static Rule exception(HostEntry entry) {
        try {
            checked("requests-per-second", entry.requestsPerSecond());
            checked("concurrent-requests", entry.concurrentRequests());
            return new Rule(HostPattern.parse(entry.host()), entry);
        } catch (IllegalArgumentException unusable) {
            throw new IllegalArgumentException("bactrian.politeness.hosts: " + unusable.getMessage(), unusable);
        }
    }

    private static void checked(String name, @Nullable Number value) {
        if (value != null) {
            positive(name, value.doubleValue());
        }
    }

    private static double positive(String name, double value) {
        if (!(value >= 0.001 && value <= 1_000_000)) {
            throw new IllegalArgumentException(name + " must be more than 0, and at most a million; use unlimited: true"
                    + " where there is to be no limit.");
        }
        return value;
    }
}
