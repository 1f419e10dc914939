package io.bactrian.places.google;

import io.bactrian.places.HostTurns;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.PlacesProvider;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.browser.BrowserDiedException;
import io.bactrian.scrape.browser.BrowserFailedException;
import io.bactrian.scrape.browser.BrowserMissingException;
import io.bactrian.scrape.browser.SitePages;
import io.bactrian.scrape.browser.SiteRequest;
import io.bactrian.scrape.browser.SiteVisit;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostPace;
import io.bactrian.scrape.polite.Proxies;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Google Maps, searched in a browser: a page of results, the parts of the map where that does not show all, and the page of
 * each place. {@code config/places/google-maps.yaml} says what these pages look like.
 *
 * <p>Each visit takes a turn at the clock of the site's host. A browser that dies under a page is an exception, so that the
 * step comes again, until the third time.
 */
@Component
public final class GoogleMapsProvider implements PlacesProvider {
    static final String NAME = "google-maps";

    private static final Logger LOG = LoggerFactory.getLogger(GoogleMapsProvider.class);
    private static final int MARKUP_DEPTH = 512;
    private static final Duration LONGEST_HOLD = Duration.ofMinutes(10);
    private static final String BLOCKED =
            "Google Maps takes this service for a robot and answers it no more. An operator can"
                    + " send its requests through proxies (bactrian.places.google-maps.proxy-pool) or at a lower pace"
                    + " (bactrian.politeness.hosts); the provider openstreetmap needs neither.";

    private final PlacesProperties.GoogleMaps settings;
    private final Site site;
    private final @Nullable String proxyPool;
    private final SitePages pages;
    private final HostClock hosts;
    private final Clock clock;
    private final SearchSteps steps;
    private final PlaceReader reader;
    private final FillRates fillRates;
    private final PlacePage.Routine placeRoutine;
    private final SearchPage.Routine searchRoutine;

    /** @throws IllegalArgumentException if the site's file is missing or wrong, or the pool of proxies is */
    GoogleMapsProvider(
            PlacesProperties properties,
            SitePages pages,
            HostClock hosts,
            Proxies proxies,
            MeterRegistry meters,
            Clock clock) {
        this.settings = properties.googleMaps();
        @Nullable String pool = settings.proxyPool();
        this.proxyPool = pool == null || pool.isBlank() ? null : pool;
        if (proxyPool != null && !proxies.configured(proxyPool)) {
            // Going directly would tell the site what the operator wants to keep from it.
            throw new IllegalArgumentException(
                    "bactrian.places.google-maps.proxy-pool is %s, and bactrian.proxies.pools has no such pool."
                            .formatted(proxyPool));
        }
        this.site = SiteFile.read(settings.site());
        this.pages = pages;
        this.hosts = hosts;
        this.clock = clock;
        String baseUrl = settings.baseUrl().toString().replaceFirst("/+$", "");
        this.steps = new SearchSteps(site, baseUrl);
        this.reader = new PlaceReader(site, baseUrl, clock);
        this.fillRates = new FillRates(NAME, settings.site(), meters, clock);
        Entrance entrance = new Entrance(site);
        this.placeRoutine = new PlacePage.Routine(site, entrance, new PageData(site));
        this.searchRoutine = new SearchPage.Routine(site, entrance, placeRoutine);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean available() {
        return pages.available();
    }

    @Override
    public boolean hasRatings() {
        return true;
    }

    @Override
    public boolean needsBrowser() {
        return true;
    }

    @Override
    public List<Visit> begin(PlaceQuery query) {
        return List.of(steps.first(query));
    }

    /**
     * Makes one step.
     *
     * @throws BrowserFailedException if a browser did not start, or the service stops
     * @throws BrowserMissingException if there is no browser
     */
    @Override
    public VisitOutcome visit(VisitRequest request) {
        @Nullable HostPace pace = hosts.paceOf(request.visit().target(), settings.respectRobotsTxt());
        return HostTurns.inTurn(
                hosts, pace, request.booked(), timeout(request.visit()), () -> leavingAlone(pace, make(request)));
    }

    private VisitOutcome leavingAlone(@Nullable HostPace pace, VisitOutcome outcome) {
        if (pace != null
                && pace.limited()
                && outcome instanceof VisitOutcome.Failed failed
                && failed.retryAfter() != null) {
            Duration asked = failed.retryAfter();
            hosts.hold(pace, clock.instant().plus(asked.compareTo(LONGEST_HOLD) < 0 ? asked : LONGEST_HOLD));
        }
        return outcome;
    }

    private VisitOutcome make(VisitRequest request) {
        try {
            return switch (request.visit().kind()) {
                case SEARCH -> search(request);
                case PLACE -> place(request);
                case CONTACT -> throw new IllegalArgumentException("Contacts are not looked for here.");
            };
        } catch (BrowserFailedException | BrowserMissingException noBrowser) {
            throw noBrowser;
        } catch (BrowserDiedException died) {
            LOG.warn("A browser died under the step {}", request.visit().target(), died);
            return new VisitOutcome.BrowserDied();
        } catch (RuntimeException | StackOverflowError defect) {
            LOG.error("The step {} failed unexpectedly", request.visit().target(), defect);
            return failed(PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page could not be processed."));
        }
    }

    private VisitOutcome search(VisitRequest request) {
        PlaceQuery query = request.query();
        boolean filtered = query.minRating() != null || !query.categories().isEmpty();
        int wanted = filtered ? Integer.MAX_VALUE : query.maxResults();
        SiteVisit<SearchPage> visit = pages.visit(asked(request), page -> searchRoutine.run(page, wanted));
        return switch (visit) {
            case SiteVisit.Failed<SearchPage> failed -> failed(failed.failure(), failed.url());
            case SiteVisit.Done<SearchPage> done -> {
                SearchPage page = done.result();
                @Nullable PlacePage single = page.single();
                if (single != null) {
                    yield single(single, request);
                }
                @Nullable VisitOutcome wrong = problem(page.arrival(), "search");
                yield wrong != null ? wrong : results(page, request, wanted);
            }
        };
    }

    private VisitOutcome results(SearchPage page, VisitRequest request, int wanted) {
        if (page.html().isEmpty()) {
            return new VisitOutcome.Found(List.of(), List.of());
        }
        PlaceQuery query = request.query();
        Document document = parsed(page.html(), page.url());
        List<Visit> further = new ArrayList<>(steps.places(document, page.url(), query));
        boolean saturated = further.size() >= site.search().saturation()
                || (!page.ended() && further.size() >= site.grid().fewest());
        if (saturated && further.size() < wanted) {
            further.addAll(steps.quarters(request.visit(), page.url(), document, query));
        }
        return new VisitOutcome.Found(List.of(), further);
    }

    /** The only hit: the place itself, or the way to it where its page is not yet complete. */
    private VisitOutcome single(PlacePage page, VisitRequest request) {
        @Nullable Reading reading = page.arrival() == Arrival.THERE ? read(page, request) : null;
        if (reading != null) {
            return found(reading);
        }
        if (page.arrival() == Arrival.BLOCKED) {
            return new VisitOutcome.Blocked(BLOCKED);
        }
        @Nullable Visit further = steps.place(page.url(), page.url(), request.query());
        return new VisitOutcome.Found(List.of(), further == null ? List.of() : List.of(further));
    }

    private VisitOutcome place(VisitRequest request) {
        SiteVisit<PlacePage> visit = pages.visit(asked(request), placeRoutine::run);
        return switch (visit) {
            case SiteVisit.Failed<PlacePage> failed -> failed(failed.failure(), failed.url());
            case SiteVisit.Done<PlacePage> done -> {
                PlacePage page = done.result();
                if (page.arrival() == Arrival.UNKNOWN) {
                    yield noPlace();
                }
                @Nullable VisitOutcome wrong = problem(page.arrival(), "place");
                if (wrong != null) {
                    yield wrong;
                }
                @Nullable Reading reading = read(page, request);
                yield reading == null ? noPlace() : found(reading);
            }
        };
    }

    private static VisitOutcome noPlace() {
        return failed(PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page has turned out to show no place."));
    }

    private @Nullable Reading read(PlacePage page, VisitRequest request) {
        @Nullable Document document = page.html().isEmpty() ? null : parsed(page.html(), page.url());
        return reader.read(page.data(), document, page.url(), request.query().reviews());
    }

    private VisitOutcome found(Reading reading) {
        fillRates.record(reading.filled());
        return new VisitOutcome.Found(List.of(reading.place()), List.of());
    }

    private @Nullable VisitOutcome problem(Arrival arrival, String section) {
        return switch (arrival) {
            case THERE -> null;
            case BLOCKED -> new VisitOutcome.Blocked(BLOCKED);
            case CONSENT ->
                failed(PageFailure.of(
                        ErrorCode.SELECTOR_TIMEOUT,
                        "The site's question for consent could not be answered. An operator mends the buttons of consent in "
                                + settings.site() + "."));
            case UNKNOWN ->
                failed(PageFailure.of(
                        ErrorCode.SELECTOR_TIMEOUT,
                        "The page has shown nothing that is known of the site. If all its pages do, an operator mends "
                                + section + " in " + settings.site() + "."));
        };
    }

    private VisitOutcome failed(PageFailure failure, String url) {
        return site.blocked().at(url) ? new VisitOutcome.Blocked(BLOCKED) : failed(failure);
    }

    private static VisitOutcome failed(PageFailure failure) {
        return new VisitOutcome.Failed(
                failure.code().code(), failure.message(), failure.retryable(), failure.retryAfter());
    }

    private SiteRequest asked(VisitRequest request) {
        return new SiteRequest(
                request.visit().target(),
                request.query().language(),
                request.lane(),
                settings.respectRobotsTxt(),
                proxyPool,
                timeout(request.visit()));
    }

    private Duration timeout(Visit visit) {
        return visit.kind() == Visit.Kind.SEARCH
                ? site.search().timeout()
                : site.place().timeout();
    }

    private static Document parsed(String html, String url) {
        return Parser.htmlParser().setMaxDepth(MARKUP_DEPTH).parseInput(html, url);
    }
}
