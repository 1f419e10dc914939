package io.bactrian.scrape.html;

import io.bactrian.egress.EgressClient;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The engine for static pages: HTTP through the egress client, markup through jsoup, no script run.
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

    @Autowired
    HtmlScraper(EgressClient client, RobotsTxt robots, UserAgent userAgent, PageCache cache, Clock clock) {
        this.client = client;
        this.cache = cache;
        this.robots = robots;
        this.fields = new RequestFields(userAgent.value());
        this.clock = clock;
    }

    /** An engine that keeps no pages. */
    public HtmlScraper(EgressClient client, RobotsTxt robots, UserAgent userAgent, Clock clock) {
        this(client, robots, userAgent, PageCache.none(), clock);
    }

    @Override
    public Outcome scrape(PageRequest page) {
        return new PageAttempt(this, page).run();
    }
}
