package io.bactrian.scrape.html;

import io.bactrian.egress.EgressClient;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.ExtractionProperties;
import io.bactrian.scrape.select.Extractor;
import java.time.Clock;
import java.util.Map;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The engine for static pages: HTTP through the egress client, markup through jsoup, no script run.
 *
 * <p>A page of a task that asks for proxies is requested through one of them; its robots.txt is not, for one answer serves all
 * tasks and lanes of an origin.
 *
 * <p>It follows up to ten redirects, each of which passes the guard and robots.txt anew, within one deadline for them all.
 */
@Component
public final class HtmlScraper implements Scraper {
    final EgressClient client;
    final RobotsTxt robots;
    final RequestFields fields;
    final PageCache cache;
    final Clock clock;
    final Proxies proxies;
    final Extractor extractor;
    final int maxBodySize;

    /** An engine without proxies that keeps no pages. */
    public HtmlScraper(EgressClient client, RobotsTxt robots, UserAgent userAgent, Clock clock) {
        this(client, robots, userAgent, clock, Proxies.of(Map.of(), clock));
    }

    /** An engine that keeps no pages. */
    public HtmlScraper(EgressClient client, RobotsTxt robots, UserAgent userAgent, Clock clock, Proxies proxies) {
        this(
                client,
                robots,
                userAgent,
                PageCache.none(),
                clock,
                proxies,
                new Extractor(ExtractionProperties.defaults()));
    }

    @Autowired
    HtmlScraper(
            EgressClient client,
            RobotsTxt robots,
            UserAgent userAgent,
            PageCache cache,
            Clock clock,
            Proxies proxies,
            Extractor extractor) {
        this.client = client;
        this.extractor = extractor;
        this.maxBodySize =
                (int) Math.min(client.maxBodySize(), extractor.bodies().largest());
        this.cache = cache;
        this.robots = robots;
        this.fields = new RequestFields(userAgent.value());
        this.clock = clock;
        this.proxies = proxies;
    }

    @Override
    public Outcome scrape(PageRequest page) {
        return new PageAttempt(this, page).run();
    }
}
