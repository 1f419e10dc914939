package io.bactrian.scrape.html;

import io.bactrian.egress.EgressClient;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/**
 * Reads sitemaps (sitemaps.org) with the sitemaps that an index refers to.
 *
 * <p>Only pages and sitemaps of the host that was asked for count, where a leading {@code www.} does not matter: the
 * protocol wants it so. It also wants them below the sitemap's directory and of its scheme, which many sites don't care
 * for, and so do we not. The library's XML parser, the guard, robots.txt and limits on size, number and time stand between
 * hostile sitemaps and us.
 */
@Component
public final class SitemapReader {
    final EgressClient client;
    final RobotsTxt robots;
    final HostClock hosts;
    final RequestFields fields;
    final Clock clock;

    /** The right to have a file in memory that is larger than nearly all are. */
    final Semaphore large = new Semaphore(1);

    public SitemapReader(EgressClient client, RobotsTxt robots, HostClock hosts, UserAgent userAgent, Clock clock) {
        this.client = client;
        this.robots = robots;
        this.hosts = hosts;
        this.fields = new RequestFields(userAgent.value());
        this.clock = clock;
    }

    /** Reads a sitemap, in two minutes at most; whatever comes of it is in the answer. */
    public Sitemap read(SitemapRequest request) {
        return new SitemapWalk(this, request).run();
    }
}
