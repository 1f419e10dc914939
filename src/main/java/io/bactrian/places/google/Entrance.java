package io.bactrian.places.google;

import io.bactrian.scrape.browser.SitePage;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Gets past what the site puts before its pages. */
final class Entrance {
    private static final int MOST_CONSENTS = 3;

    private final Site site;

    Entrance(Site site) {
        this.site = site;
    }

    /**
     * Waits for the page that was asked for; where it is asked for consent first, that is declined if possible.
     *
     * @param there whether the page is there
     */
    Arrival await(SitePage page, BooleanSupplier there, Duration patience) {
        for (int consents = 0; consents < MOST_CONSENTS; consents++) {
            page.await(() -> there.getAsBoolean() || isBlocked(page) || asksForConsent(page), patience);
            if (there.getAsBoolean()) {
                return Arrival.THERE;
            }
            if (isBlocked(page)) {
                return Arrival.BLOCKED;
            }
            if (!asksForConsent(page)) {
                return Arrival.UNKNOWN;
            }
            if (site.consent().buttons().stream().noneMatch(button -> page.click(button.text()))) {
                return Arrival.CONSENT;
            }
            page.await(() -> !asksForConsent(page), patience);
        }
        return Arrival.CONSENT;
    }

    private boolean isBlocked(SitePage page) {
        return site.blocked().at(page.url()) || Sign.any(site.blocked().signs(), page);
    }

    private boolean asksForConsent(SitePage page) {
        return Sign.any(site.consent().signs(), page);
    }
}
