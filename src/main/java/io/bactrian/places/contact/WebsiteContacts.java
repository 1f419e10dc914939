package io.bactrian.places.contact;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import io.bactrian.places.HostTurns;
import io.bactrian.places.PlaceContacts;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Hop;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.html.HtmlScraper;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostPace;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Contacts from the websites of places, read by the engine for static pages with all its manners: the guard, robots.txt, the
 * turns of hosts, limits on time and size.
 *
 * <p>A visit looks at one page. The first page leads to up to two others of the same site that look like a contact page, an
 * imprint or an introduction; these lead nowhere. A redirect, or a robots.txt that has to be read first, is a request with a
 * turn of its own where hosts have turns, and so a further visit. A website that is a page of a social network is not
 * requested: its address is the contact.
 */
@Component
final class WebsiteContacts implements PlaceContacts {
    private static final Logger LOG = LoggerFactory.getLogger(WebsiteContacts.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final ScrapeOptions OPTIONS = new ScrapeOptions(true, TIMEOUT, Map.of(), Map.of(), true);
    private static final Duration LONGEST_HOLD = Duration.ofMinutes(10);
    private static final int MOST_FURTHER_PAGES = 2;
    private static final int LONGEST_URL = 2_000;

    private final HtmlScraper scraper;
    private final HostClock hosts;
    private final Clock clock;

    WebsiteContacts(HtmlScraper scraper, HostClock hosts, Clock clock) {
        this.scraper = scraper;
        this.hosts = hosts;
        this.clock = clock;
    }

    @Override
    public Visit begin(String placeId, String website) {
        return visit(new ContactTarget(placeId, address(website), 0, null));
    }

    @Override
    public VisitOutcome visit(VisitRequest request) {
        ContactTarget target;
        try {
            target = ContactTarget.of(request.visit().target());
        } catch (IOException unreadable) {
            LOG.error("The step {} of a search cannot be read", request.visit().key(), unreadable);
            return failed(ErrorCode.EXTRACTION_FAILED, "The website's address is lost.");
        }
        if (target.url().isEmpty()) {
            return failed(ErrorCode.EGRESS_REFUSED, "The place's website is not an address that can be visited.");
        }
        SocialLinks own = new SocialLinks();
        own.add(target.url());
        return own.found().isEmpty()
                ? inTurn(request, target)
                : new VisitOutcome.Contacted(target.placeId(), List.of(), own.found(), List.of());
    }

    private VisitOutcome inTurn(VisitRequest request, ContactTarget target) {
        @Nullable HostPace pace = hosts.paceOf(target.nextUrl(), true);
        @Nullable HostPace limited = pace == null || !pace.limited() ? null : pace;
        return HostTurns.inTurn(hosts, limited, request.booked(), TIMEOUT, () -> read(request, target, limited));
    }

    private VisitOutcome read(VisitRequest request, ContactTarget target, @Nullable HostPace pace) {
        PageRequest page = new PageRequest(
                target.url(),
                OPTIONS,
                ContactPage.PLAN,
                request.attempt(),
                request.lane(),
                request.lane(),
                target.hop(),
                hosts::isLimited);
        return switch (scraper.scrape(page)) {
            case Outcome.Scraped scraped -> contacts(target, scraped);
            case Outcome.BrowserDied died ->
                throw new IllegalStateException("Websites are read without a browser: " + died);
            case Outcome.Unfinished unfinished -> later(target, unfinished.next());
            case Outcome.Failed failed -> {
                leaveAlone(pace, failed);
                yield new VisitOutcome.Failed(
                        failed.code().code(), failed.message(), failed.retryable(), failed.retryAfter());
            }
        };
    }

    private static VisitOutcome contacts(ContactTarget target, Outcome.Scraped scraped) {
        @Nullable String finalUrl = scraped.metadata().finalUrl();
        String url = finalUrl == null ? target.url() : finalUrl;
        ContactPage page;
        try {
            page = ContactPage.of(scraped.data(), url);
        } catch (IOException impossible) {
            LOG.error("What was extracted from {} is not JSON", url, impossible);
            return failed(ErrorCode.EXTRACTION_FAILED, "The page could not be processed.");
        }
        List<Visit> further = new ArrayList<>();
        if (target.page() == 0) {
            for (String link : page.furtherPages(MOST_FURTHER_PAGES, LONGEST_URL)) {
                further.add(visit(new ContactTarget(target.placeId(), link, further.size() + 1, null)));
            }
        }
        return new VisitOutcome.Contacted(target.placeId(), page.emails(), page.socialLinks(), further);
    }

    private static VisitOutcome later(ContactTarget target, Hop hop) {
        if (hop.url().length() > LONGEST_URL) {
            return failed(ErrorCode.HTTP_3XX, "The website redirects to an address that is too long.");
        }
        return new VisitOutcome.Contacted(target.placeId(), List.of(), Map.of(), List.of(visit(target.goingOn(hop))));
    }

    /** Leaves a host alone that is too busy and said until when. */
    private void leaveAlone(@Nullable HostPace pace, Outcome.Failed failed) {
        @Nullable Duration retryAfter = failed.retryAfter();
        @Nullable Integer status = failed.metadata().statusCode();
        if (pace == null || retryAfter == null || status == null || (status != 429 && status != 503)) {
            return;
        }
        hosts.hold(pace, clock.instant().plus(retryAfter.compareTo(LONGEST_HOLD) < 0 ? retryAfter : LONGEST_HOLD));
    }

    /** The address in its one form, or an empty text where it is none that may be requested. */
    private static String address(String website) {
        try {
            String url = HttpUrl.parse(website).toString();
            return url.length() <= LONGEST_URL ? url : "";
        } catch (EgressRefusedException refused) {
            return "";
        }
    }

    private static Visit visit(ContactTarget target) {
        return new Visit(Visit.Kind.CONTACT, target.key(), target.toText());
    }

    private static VisitOutcome failed(ErrorCode code, String message) {
        return new VisitOutcome.Failed(code.code(), message, false, null);
    }
}
