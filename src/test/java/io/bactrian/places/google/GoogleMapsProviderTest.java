package io.bactrian.places.google;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.demo.SampleMap;
import io.bactrian.demo.SamplePlace;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.scrape.browser.Browsers;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostLimits;
import io.bactrian.scrape.polite.PolitenessProperties;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Searches of sites that behave like the real one, by the real Chromium. */
class GoogleMapsProviderTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final EgressProperties EGRESS = EgressProperties.allowing("127.0.0.1");
    private static final EgressGuard GUARD =
            new EgressGuard(new AddressPolicy(EGRESS.allow(), List.of()), EGRESS.resolveTimeout());
    private static final EgressClient CLIENT = new EgressClient(GUARD, EGRESS);
    private static final String PAGE = "/maps/place/Zum+Kamel/data=!4m7!3m6!1s0x1a:0x2b!8m2!3d52.5!4d13.25";

    private static final Proxies PROXIES = Proxies.of(Map.of(), Clock.systemUTC());

    private static Browsers browsers;

    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SampleMap map = SampleMap.open(0);
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();

    @BeforeAll
    static void open() {
        browsers = new Browsers(1);
    }

    @AfterAll
    static void closeAll() throws IOException {
        browsers.close();
        CLIENT.close();
        GUARD.close();
        DATABASE.close();
    }

    @AfterEach
    void close() {
        map.close();
        origin.close();
    }

    @Test
    void aSearchOfThePartsOfTheMapFindsAllPlaces() {
        GoogleMapsProvider provider = provider(map.address());

        Search search = search(provider, query("coffee", 500, "en"));

        assertThat(search.places.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        map.places("coffee").stream().map(SamplePlace::placeId).toList());
        assertThat(search.placeVisits).isEqualTo(SampleMap.COFFEE_PLACES);
        assertThat(search.searchVisits).isBetween(5, 100);
        Map<String, SamplePlace> known =
                map.places("coffee").stream().collect(Collectors.toMap(SamplePlace::placeId, place -> place));
        assertThat(search.places.values())
                .allSatisfy(place -> isRead(place, requireNonNull(known.get(place.placeId()))));
        assertThat(meters.get("bactrian.places.fields")
                        .tags("field", "title", "filled", "true", "provider", "google-maps")
                        .counter()
                        .count())
                .isEqualTo(SampleMap.COFFEE_PLACES);
    }

    private static void isRead(Place place, SamplePlace known) {
        assertThat(place.placeName()).isEqualTo(known.name());
        assertThat(place.totalReviewScore()).isEqualTo(known.rating());
        assertThat(place.reviewCount()).isEqualTo(known.reviewCount());
        assertThat(place.priceLevel()).isEqualTo(known.priceLevel());
        assertThat(place.website()).isEqualTo(known.website());
        assertThat(place.phoneNumber() == null).isEqualTo(known.phone() == null);
        assertThat(place.plusCode() == null).isEqualTo(known.plusCode() == null);
        assertThat(requireNonNull(place.coordinates().latitude())).isEqualTo(known.latitude());
        assertThat(requireNonNull(place.coordinates().longitude())).isEqualTo(known.longitude());
        assertThat(String.valueOf(place.address().fullAddress()))
                .contains(known.address().city())
                .doesNotContain(known.name());
        assertThat(place.openingHours() == null).isEqualTo(known.hours() == null);
        assertThat(requireNonNull(place.reviews()))
                .hasSize(Math.min(20, known.reviews().size()));
        assertThat(Boolean.TRUE.equals(place.permanentlyClosed()))
                .isEqualTo(known.status() == SamplePlace.Status.PERMANENTLY_CLOSED);
        assertThat(Boolean.TRUE.equals(place.temporarilyClosed()))
                .isEqualTo(known.status() == SamplePlace.Status.TEMPORARILY_CLOSED);
        assertThat(Boolean.TRUE.equals(place.canBeClaimed())).isEqualTo(!known.claimed());
        if (known.form() == SamplePlace.Form.COMPLETE) {
            assertThat(place.categories()).hasSameSizeAs(known.categories());
            assertThat(place.images() == null ? 0 : place.images().size()).isEqualTo(Math.min(10, known.images()));
            assertThat(place.address().street()).isEqualTo(known.address().street());
        }
    }

    @Test
    void aSearchScrollsNoFurtherThanItMust() {
        GoogleMapsProvider provider = provider(map.address());

        VisitOutcome.Found found =
                found(provider, provider.begin(query("coffee", 30, "en")).getFirst(), "coffee", 30, "en");

        assertThat(found.further()).hasSizeBetween(30, 60).allMatch(visit -> visit.kind() == Visit.Kind.PLACE);
    }

    @Test
    void placesComeInTheLanguageOfTheSearch() {
        GoogleMapsProvider provider = provider(map.address());
        Visit search = provider.begin(query("coffee", 20, "de")).getFirst();
        VisitOutcome.Found results = found(provider, search, "coffee", 20, "de");

        Set<String> categories = results.further().stream()
                .limit(5)
                .flatMap(visit -> found(provider, visit, "coffee", 20, "de").places().stream())
                .map(place -> String.valueOf(place.category()))
                .collect(Collectors.toSet());

        assertThat(search.target()).endsWith("?hl=de");
        assertThat(categories)
                .isNotEmpty()
                .isSubsetOf(
                        "Café", "Kaffeehaus", "Espressobar", "Kaffeerösterei", "Kaffeegeschäft", "Kaffeestand", "null");
    }

    @Test
    void aSingleHitIsThePlaceItself() {
        GoogleMapsProvider provider = provider(map.address());

        Search search = search(provider, query("lighthouse", 10, "en"));

        assertThat(search.places.keySet())
                .containsExactly(map.places("lighthouse").getFirst().placeId());
        assertThat(search.searchVisits).isEqualTo(1);
    }

    @Test
    void whereNothingIsFoundThereIsNothing() {
        GoogleMapsProvider provider = provider(map.address());

        VisitOutcome.Found found =
                found(provider, provider.begin(query("unicorn", 10, "en")).getFirst(), "unicorn", 10, "en");

        assertThat(found.places()).isEmpty();
        assertThat(found.further()).isEmpty();
    }

    @Test
    void thePageForRobotsEndsTheSearch() {
        GoogleMapsProvider provider = provider(map.address());
        Visit search = provider.begin(query("blocked", 10, "en")).getFirst();

        assertThat(visit(provider, search, "blocked", 10, "en"))
                .isInstanceOfSatisfying(
                        VisitOutcome.Blocked.class,
                        blocked -> assertThat(blocked.message()).contains("proxy-pool", "politeness", "openstreetmap"));

        origin.on("/maps/search/tea+Berlin", Behaviours.page("<form id=captcha-form></form>"));
        GoogleMapsProvider other = provider(URI.create(origin.url("")));
        assertThat(visit(other, other.begin(query("tea", 10, "en")).getFirst(), "tea", 10, "en"))
                .isInstanceOf(VisitOutcome.Blocked.class);
    }

    @Test
    void thePageForRobotsIsKnownEvenWhereItIsForbiddenToThem() {
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /sorry/\n")))
                .on(PAGE, Behaviours.redirect(302, "/sorry/index?continue=x"));
        GoogleMapsProvider obedient = provider(URI.create(origin.url("")), true, hosts());

        assertThat(visit(obedient, placeVisit(PAGE), "lane")).isInstanceOf(VisitOutcome.Blocked.class);
    }

    @Test
    void aPlaceOfThatNameIsNotThePageForRobots() {
        String sorry = "/maps/place/sorry/data=!1s0x1a:0x2b";
        origin.on(sorry, Behaviours.page(pageOf(PageArrays.known())));

        assertThat(placeOn(provider(URI.create(origin.url(""))), sorry, "lane").placeName())
                .isEqualTo("Zum Kamel");
    }

    @Test
    void consentIsDeclinedOnceForALane() {
        String consent = """
                <h1>Before</h1><form action="/consent.google.example/save" method=post><button>Accept</button></form>
                <form action="/consent.google.example/save" method=post><input type=hidden name=set_eom value=true>
                <button>Reject</button></form>""";
        origin.on("/consent.google.example/save", (request, socket, out) -> {
                    boolean declined = request.body().contains("set_eom=true");
                    return Behaviours.status(
                                    303, "Set-Cookie: SOCS=" + declined + "; Path=/", "Location: " + PAGE + "?hl=en")
                            .answer(request, socket, out);
                })
                .on(PAGE, (request, socket, out) -> {
                    boolean known = "SOCS=true".equals(request.header("cookie"));
                    return Behaviours.page(known ? pageOf(PageArrays.known()) : consent)
                            .answer(request, socket, out);
                });
        GoogleMapsProvider provider = provider(URI.create(origin.url("")));

        for (String lane : List.of("one", "two", "one", "two")) {
            assertThat(placeOn(provider, PAGE, lane).placeName()).isEqualTo("Zum Kamel");
        }

        assertThat(origin.requestsFor("/consent.google.example/save")).hasSize(2);
    }

    @Test
    void aPageWithHostileValuesGivesWhatCanBeUsed() {
        origin.on(
                PAGE,
                Behaviours.page(pageOf(PageArrays.place()
                                .with("place[11]", "\"<script>alert(1)</script>\\u0000\"")
                                .with("place[4]", "{\"7\": 5}")
                                .with("place[7][0]", "\"file:///etc/passwd\"")
                                .with("place[9]", "[null, null, \"x\", 1e99]"))
                        + "<div role=main><h1>Other</h1></div>"));
        GoogleMapsProvider provider = provider(URI.create(origin.url("")));

        Place place = placeOn(provider, PAGE, "lane");

        assertThat(place.placeName()).isEqualTo("<script>alert(1)</script>");
        assertThat(place.totalReviewScore()).isNull();
        assertThat(place.website()).isNull();
        assertThat(place.coordinates()).isEqualTo(new Place.Coordinates(52.5, 13.25));
    }

    @Test
    void aPageThatIsNoPlaceFailsForGoodAndOneThatCannotBeHadForNow() {
        origin.on(PAGE, Behaviours.page("<div role=main><h1></h1><p>Welcome to the map.</div>"))
                .on("/maps/place/gone/data=!1s0x1a:0x2c", Behaviours.status(404))
                .on("/maps/place/busy/data=!1s0x1a:0x2d", Behaviours.status(503));
        GoogleMapsProvider provider = provider(URI.create(origin.url("")));

        assertThat(visit(provider, placeVisit(PAGE), "lane"))
                .isInstanceOfSatisfying(
                        VisitOutcome.Failed.class,
                        failed -> assertThat(failed.retryable()).isFalse());
        assertThat(visit(provider, placeVisit("/maps/place/gone/data=!1s0x1a:0x2c"), "lane"))
                .isEqualTo(new VisitOutcome.Failed("http_4xx", "HTTP 404 Not Found", false, null));
        assertThat(visit(provider, placeVisit("/maps/place/busy/data=!1s0x1a:0x2d"), "lane"))
                .isEqualTo(new VisitOutcome.Failed("http_5xx", "HTTP 503 Service Unavailable", true, null));
    }

    @Test
    void linksToOtherSitesAndTheSamePlaceAgainAreNotFollowed() {
        origin.on("/maps/search/tea+Berlin", Behaviours.page("""
                <div role=feed>
                <a href="/maps/place/One/data=!1s0x1a:0x1!8m2?authuser=0&rclk=1">1</a>
                <a href="/maps/place/Uno/data=!1s0x1A%3A0x1!8m2?rclk=2">1 again</a>
                <a href="http://other.example/maps/place/Two/data=!1s0x1a:0x2">2</a>
                <a href="http://10.0.0.1/maps/place/Two/data=!1s0x1a:0x2">2</a>
                <a href="javascript:'/maps/place/'">3</a>
                <a href="/maps/place/Four/">4</a>
                <a href="/maps/place/?q=place_id:ChIJ5">5</a>
                <span class=HlvSq>The end</span></div>"""));
        GoogleMapsProvider provider = provider(URI.create(origin.url("")));

        VisitOutcome.Found found =
                found(provider, provider.begin(query("tea", 10, "en")).getFirst(), "tea", 10, "en");

        assertThat(found.further())
                .containsExactly(
                        new Visit(
                                Visit.Kind.PLACE, "0x1a:0x1", origin.url("/maps/place/One/data=!1s0x1a:0x1!8m2?hl=en")),
                        new Visit(Visit.Kind.PLACE, "/maps/place/Four/", origin.url("/maps/place/Four/?hl=en")),
                        new Visit(
                                Visit.Kind.PLACE,
                                "/maps/place/?q=place_id:ChIJ5",
                                origin.url("/maps/place/?q=place_id:ChIJ5&hl=en")));
    }

    @Test
    void aSiteThatForbidsRobotsIsLeftAlone() {
        origin.on("/robots.txt", Behaviours.body("text/plain", Behaviours.utf8("User-agent: *\nDisallow: /maps/\n")))
                .on(PAGE, Behaviours.page(pageOf(PageArrays.known())));
        GoogleMapsProvider obedient = provider(URI.create(origin.url("")), true, hosts());

        assertThat(visit(obedient, placeVisit(PAGE), "lane"))
                .isInstanceOfSatisfying(
                        VisitOutcome.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo("robots_disallowed"));
        assertThat(origin.requestsFor(PAGE)).isEmpty();
    }

    @Test
    void eachVisitTakesItsTurnAtTheClockOfTheHost() {
        origin.on(PAGE, Behaviours.page(pageOf(PageArrays.known())));
        HostEntry slow = new HostEntry("127.0.0.1", null, 1.0, 1, false);
        GoogleMapsProvider provider = provider(URI.create(origin.url("")), false, hosts(slow));

        assertThat(visit(provider, placeVisit(PAGE), "lane")).isInstanceOf(VisitOutcome.Found.class);
        VisitOutcome second = visit(provider, placeVisit(PAGE), "lane");
        assertThat(second).isInstanceOfSatisfying(VisitOutcome.Later.class, later -> {
            assertThat(later.booked()).isTrue();
            assertThat(later.notBefore()).isAfter(clock.instant());
        });
        clock.advance(Duration.ofSeconds(2));
        assertThat(provider.visit(new VisitRequest(query("x", 10, "en"), placeVisit(PAGE), 1, true, "lane")))
                .isInstanceOf(VisitOutcome.Found.class);
    }

    private static final class Search {
        final Map<String, Place> places = new LinkedHashMap<>();
        int searchVisits;
        int placeVisits;
    }

    /** What a job does, without its filters. */
    private static Search search(GoogleMapsProvider provider, PlaceQuery query) {
        Search search = new Search();
        Deque<Visit> searches = new ArrayDeque<>(provider.begin(query));
        Deque<Visit> places = new ArrayDeque<>();
        Set<String> keys = new HashSet<>();
        while (!(searches.isEmpty() && places.isEmpty()) && search.places.size() < query.maxResults()) {
            @Nullable Visit next = places.isEmpty() ? searches.remove() : places.remove();
            if (next.kind() == Visit.Kind.PLACE) {
                search.placeVisits++;
            } else {
                search.searchVisits++;
            }
            VisitOutcome outcome = provider.visit(new VisitRequest(query, next, 1, false, "lane"));
            assertThat(outcome).as("%s", next).isInstanceOf(VisitOutcome.Found.class);
            VisitOutcome.Found found = (VisitOutcome.Found) outcome;
            found.places().forEach(place -> search.places.put(place.placeId(), place));
            found.further().stream()
                    .filter(visit -> keys.add(visit.key()))
                    .forEach(visit -> (visit.kind() == Visit.Kind.PLACE ? places : searches).add(visit));
        }
        return search;
    }

    private static String pageOf(PageArrays place) {
        String json = ")]}'\n[0,0,0,0,0,0," + place.array() + "]";
        return "<!doctype html><script>APP_INITIALIZATION_STATE=[0,0,0,[null,[0,"
                + PageArrays.text(json).replace("<", "\\u003c") + "]]]</script>";
    }

    private Visit placeVisit(String path) {
        return new Visit(Visit.Kind.PLACE, path, origin.url(path + "?hl=en"));
    }

    private Place placeOn(GoogleMapsProvider provider, String path, String lane) {
        VisitOutcome outcome = visit(provider, placeVisit(path), lane);
        assertThat(outcome).isInstanceOf(VisitOutcome.Found.class);
        return ((VisitOutcome.Found) outcome).places().getFirst();
    }

    private static VisitOutcome visit(GoogleMapsProvider provider, Visit visit, String lane) {
        return provider.visit(new VisitRequest(query("x", 10, "en"), visit, 1, false, lane));
    }

    private static VisitOutcome visit(
            GoogleMapsProvider provider, Visit visit, String terms, int most, String language) {
        return provider.visit(new VisitRequest(query(terms, most, language), visit, 1, false, "lane"));
    }

    private static VisitOutcome.Found found(
            GoogleMapsProvider provider, Visit visit, String terms, int most, String language) {
        VisitOutcome outcome = visit(provider, visit, terms, most, language);
        assertThat(outcome).isInstanceOf(VisitOutcome.Found.class);
        return (VisitOutcome.Found) outcome;
    }

    private static PlaceQuery query(String terms, int most, String language) {
        return new PlaceQuery(terms, "Berlin", most, language, null, true, List.of());
    }

    private GoogleMapsProvider provider(URI baseUrl) {
        return provider(baseUrl, false, hosts());
    }

    private GoogleMapsProvider provider(URI baseUrl, boolean respectRobotsTxt, HostClock hosts) {
        PlacesProperties properties = new PlacesProperties(
                GoogleMapsProvider.NAME,
                new PlacesProperties.GoogleMaps(baseUrl, SiteFileTest.SHIPPED, respectRobotsTxt, null),
                new PlacesProperties.Openstreetmap(
                        URI.create("http://127.0.0.1:1/"), URI.create("http://127.0.0.1:1/"), 1, 1));
        return new GoogleMapsProvider(properties, browsers.sites(), hosts, PROXIES, meters, clock);
    }

    private HostClock hosts(HostEntry... entries) {
        return new HostClock(
                new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), List.of(entries)), EGRESS),
                new RobotsTxt(CLIENT, new UserAgent(null, "https://example.org/"), clock),
                DATABASE.jdbc(),
                clock);
    }
}
