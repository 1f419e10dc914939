package io.bactrian.places.google;

import io.bactrian.scrape.browser.SitePage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The page of a search's results as it was had.
 *
 * @param single the only hit, where the page has become that of a place; else null
 * @param ended whether the feed was seen to its end
 * @param html the document with the feed; empty where there is none
 */
record SearchPage(Arrival arrival, String url, @Nullable PlacePage single, boolean ended, String html) {

    /** What is done on the page of a search's results. */
    static final class Routine {
        /** Enough to bring back what there is. */
        private static final Duration RESERVE = Duration.ofSeconds(20);

        private final Site site;
        private final Entrance entrance;
        private final PlacePage.Routine places;

        Routine(Site site, Entrance entrance, PlacePage.Routine places) {
            this.site = site;
            this.entrance = entrance;
            this.places = places;
        }

        /** @param wanted so many results are enough */
        SearchPage run(SitePage page, int wanted) {
            Arrival arrival = entrance.await(
                    page,
                    () -> isSingle(page) || links(page) > 0 || foundNothing(page),
                    site.search().patience());
            if (arrival != Arrival.THERE) {
                return new SearchPage(arrival, page.url(), null, false, "");
            }
            if (links(page) == 0) {
                return isSingle(page)
                        ? new SearchPage(arrival, page.url(), places.run(page), true, "")
                        : new SearchPage(arrival, page.url(), null, true, "");
            }
            boolean ended = scroll(page, wanted);
            return new SearchPage(arrival, page.url(), null, ended, page.html());
        }

        private boolean scroll(SitePage page, int wanted) {
            int idle = 0;
            for (int scrolls = 0; scrolls < site.search().mostScrolls(); scrolls++) {
                if (Sign.any(site.search().end(), page)) {
                    return true;
                }
                if (links(page) >= wanted
                        || idle >= site.search().idleScrolls()
                        || page.left().compareTo(RESERVE) < 0) {
                    return false;
                }
                int before = links(page);
                idle = page.scroll(site.search().feed().text()) || links(page) > before ? 0 : idle + 1;
            }
            return false;
        }

        private int links(SitePage page) {
            return page.count(site.search().links().text());
        }

        private boolean isSingle(SitePage page) {
            return site.place().at(page.url());
        }

        private boolean foundNothing(SitePage page) {
            return Sign.any(site.search().nothing(), page);
        }
    }
}
