package io.bactrian.places.openstreetmap;

import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.PlacesProvider;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.UserAgent;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Places from OpenStreetMap, through its public APIs: no browser, no ratings.
 *
 * <p>A search has two steps: Nominatim tells where the location is, then Overpass gives the elements there that the search
 * terms mean. Where Overpass knows no area for the location, a third step looks in its bounding box. The data is © its
 * contributors under the ODbL, so whoever shows places must name OpenStreetMap.
 */
@Component
final class OpenstreetmapProvider implements PlacesProvider {
    private static final Logger LOG = LoggerFactory.getLogger(OpenstreetmapProvider.class);
    private static final String LOCATION = "location";
    private static final String ELEMENTS = "elements";
    private static final String ELEMENTS_IN_BOX = "elements-in-box";

    private final Nominatim nominatim;
    private final Overpass overpass;
    private final SearchWords words;
    private final Clock clock;

    OpenstreetmapProvider(
            PlacesProperties properties,
            SearchTags tags,
            EgressClient client,
            HostClock hosts,
            UserAgent userAgent,
            Clock clock) {
        PublicApi api = new PublicApi(properties.openstreetmap(), client, hosts, userAgent, clock);
        this.nominatim = new Nominatim(api, properties.openstreetmap().nominatimUrl());
        this.overpass = new Overpass(api, properties.openstreetmap().overpassUrl());
        this.words = new SearchWords(tags);
        this.clock = clock;
    }

    @Override
    public String name() {
        return "openstreetmap";
    }

    @Override
    public boolean available() {
        return true;
    }

    @Override
    public boolean hasRatings() {
        return false;
    }

    @Override
    public boolean needsBrowser() {
        return false;
    }

    @Override
    public List<Visit> begin(PlaceQuery query) {
        return List.of(new Visit(Visit.Kind.SEARCH, LOCATION, ""));
    }

    @Override
    public VisitOutcome visit(VisitRequest request) {
        try {
            return switch (request.visit().key()) {
                case LOCATION -> nominatim.locate(request, OpenstreetmapProvider::searched);
                case ELEMENTS, ELEMENTS_IN_BOX -> search(request);
                default -> failed("The step " + request.visit().key() + " is not one of OpenStreetMap's.");
            };
        } catch (EgressRefusedException refused) {
            return new VisitOutcome.Failed(
                    ErrorCode.EGRESS_REFUSED.code(), String.valueOf(refused.getMessage()), false, null);
        } catch (IOException unreadable) {
            LOG.error("The step {} of a search cannot be read", request.visit().key(), unreadable);
            return failed("The search cannot go on from where it had come to.");
        }
    }

    private static VisitOutcome searched(Region region) {
        return new VisitOutcome.Found(List.of(), List.of(new Visit(Visit.Kind.SEARCH, ELEMENTS, region.toTarget())));
    }

    private VisitOutcome search(VisitRequest request) throws IOException {
        PlaceQuery query = request.query();
        Region region = Region.of(request.visit().target());
        OverpassQuery asked = new OverpassQuery(words.filters(query.searchTerms()), region, most(query));
        return overpass.search(request, asked, answer -> {
            if (region.area() != null && !answer.knowsArea()) {
                return new VisitOutcome.Found(
                        List.of(),
                        List.of(new Visit(
                                Visit.Kind.SEARCH,
                                ELEMENTS_IN_BOX,
                                region.withoutArea().toTarget())));
            }
            return new VisitOutcome.Found(places(answer, query, region), List.of());
        });
    }

    private List<Place> places(OverpassAnswer answer, PlaceQuery query, Region region) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        List<Place> places = new ArrayList<>();
        for (Element element : answer.elements()) {
            Place place = new ElementPlace(element, query, region.country()).place(now);
            if (place != null) {
                places.add(place);
            }
        }
        return places;
    }

    /** More than are wanted, for some have no use; many more where categories pick out a few. */
    private static int most(PlaceQuery query) {
        int factor = query.categories().isEmpty() ? 2 : 10;
        return Math.min(OverpassQuery.MOST_ELEMENTS, 100 + factor * query.maxResults());
    }

    private static VisitOutcome failed(String message) {
        return new VisitOutcome.Failed(ErrorCode.EXTRACTION_FAILED.code(), message, false, null);
    }
}
