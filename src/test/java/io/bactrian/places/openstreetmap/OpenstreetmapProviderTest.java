package io.bactrian.places.openstreetmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.egress.HttpUrl;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.origin.OpenstreetmapOrigin;
import io.bactrian.origin.OpenstreetmapOrigin.Feature;
import io.bactrian.origin.OpenstreetmapOrigin.Town;
import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class OpenstreetmapProviderTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final SettableClock clock = new SettableClock();
    private final OpenstreetmapOrigin map = OpenstreetmapOrigin.start(clock);
    private final OpenstreetmapNode node =
            new OpenstreetmapNode(map.nominatimUrl(), map.overpassUrl(), DATABASE, clock, "127.0.0.1");
    private final Town limassol = map.addTown("Limassol", 77, 34.7, 33.0, "cy");

    @BeforeEach
    void forgetTurns() {
        DATABASE.jdbc().sql("DELETE FROM host_clock").update();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
        map.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aLocationIsFoundAndThenItsPlaces() {
        map.addCafes(limassol, 3);
        map.add(new Feature("way", 9, 34.7, 33.0, Map.of("amenity", "cafe", "name", "Way Cafe")));
        map.add(new Feature("node", 8, 34.7, 33.0, Map.of("amenity", "cafe")));
        map.add(new Feature("node", 7, 60.0, 33.0, Map.of("amenity", "cafe", "name", "Elsewhere")));
        map.add(new Feature("node", 6, 34.7, 33.0, Map.of("amenity", "bank", "name", "Bank")));

        List<Place> places = search(query("coffee shops", "Limassol"));

        assertThat(places)
                .extracting(Place::placeName)
                .containsExactlyInAnyOrder("Limassol Cafe 1", "Limassol Cafe 2", "Limassol Cafe 3", "Way Cafe");
        assertThat(places).extracting(Place::placeId).contains("osm:way/9").doesNotHaveDuplicates();
        assertThat(places).allSatisfy(place -> {
            assertThat(place.category()).isEqualTo("Cafe");
            assertThat(place.countryCode()).isEqualTo("CY");
            assertThat(place.coordinates().latitude()).isEqualTo(34.7);
        });
        assertThat(map.complaints()).isEmpty();
    }

    @Test
    void aLocationThatNobodyKnowsEndsTheSearch() {
        assertThat(visit(query("cafe", "Atlantis"), first()))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> {
                    assertThat(failed.retryable()).isFalse();
                    assertThat(failed.code()).isEqualTo("location_not_found");
                    assertThat(failed.message()).contains("'Atlantis' is not known");
                });
    }

    @Test
    void whereOverpassHasNoAreasTheBoxIsSearched() {
        map.addCafes(limassol, 2);
        map.forgetAreas();

        assertThat(search(query("cafe", "Limassol"))).hasSize(2);
        assertThat(map.scripts())
                .satisfiesExactly(
                        area -> assertThat(area).contains("(area.a)"),
                        box -> assertThat(box).contains("(34.200000,32.500000,35.200000,33.500000)"));
    }

    @Test
    void noMoreElementsAreAskedForThanTheSearchCanNeed() {
        map.addCafes(limassol, 300);

        assertThat(search(new PlaceQuery("cafe", "Limassol", 20, "en", null, false, List.of())))
                .hasSize(140);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cafe\"](1,2,3,4);node",
                "\"];out;",
                "x\\\"];node(1);out;//",
                "\\",
                "\\\\\"",
                "a[.*](b){2}+?|^$",
                "nightingale\n\"](area.a);node(1",
                "/* */ // ;",
                "&data=[out:json];node(1);out;",
                "\u0000\u0007",
                "'",
                "(((((((((("
            })
    void noTermGetsOutOfItsQuotes(String terms) {
        map.add(new Feature("node", 5, 34.7, 33.0, Map.of("name", "Harmless")));

        assertThat(search(query(terms, "Limassol"))).isEmpty();
        assertThat(map.complaints()).isEmpty();
        assertThat(map.requests("overpass")).isEqualTo(1);
    }

    @Test
    void termsWithSpecialCharactersFindTheNamesThatHaveThem() {
        map.add(new Feature("node", 1, 34.7, 33.0, Map.of("name", "C&A (Center)")));
        map.add(new Feature("node", 2, 34.7, 33.0, Map.of("name", "MCDONALD’S", "amenity", "fast_food")));
        map.add(new Feature("node", 3, 34.7, 33.0, Map.of("name", "What? \"Quoted\" \\o/ $1")));

        assertThat(search(query("c&a", "Limassol"))).extracting(Place::placeId).containsExactly("osm:node/1");
        assertThat(search(query("McDonald's", "Limassol")))
                .extracting(Place::placeId)
                .containsExactly("osm:node/2");
        assertThat(search(query("hat? d\" \\o/ \"$1", "Limassol")))
                .extracting(Place::placeId)
                .containsExactly("osm:node/3");
    }

    @Test
    void twelveSearchesAtOnceKeepThePaceThoughTheConfigurationOpensTheHost() {
        map.addCafes(limassol, 2);
        PlaceQuery query = query("cafe", "Limassol");
        record Comer(Instant at, Visit visit, boolean booked) {}
        PriorityQueue<Comer> comers = new PriorityQueue<>(Comparator.comparing(Comer::at));
        for (int search = 0; search < 12; search++) {
            comers.add(new Comer(clock.instant(), first(), false));
        }
        int found = 0;
        while (!comers.isEmpty()) {
            Comer comer = comers.remove();
            if (comer.at().isAfter(clock.instant())) {
                clock.advance(Duration.between(clock.instant(), comer.at()));
            }
            switch (node.provider.visit(new VisitRequest(query, comer.visit(), 1, comer.booked(), "lane"))) {
                case VisitOutcome.Later later -> {
                    assertThat(later.booked()).isTrue();
                    assertThat(later.notBefore()).isAfter(clock.instant());
                    comers.add(new Comer(later.notBefore(), comer.visit(), true));
                }
                case VisitOutcome.Found step -> {
                    found += step.places().size();
                    step.further().forEach(visit -> comers.add(new Comer(clock.instant(), visit, false)));
                }
                default -> throw new AssertionError("a search failed");
            }
        }

        assertThat(found).isEqualTo(24);
        assertThat(map.requests("nominatim")).isEqualTo(12);
        assertThat(map.requests("overpass")).isEqualTo(12);
        assertThat(map.complaints()).isEmpty();
    }

    @Test
    void aServerOfTheOperatorsOwnIsAskedAtThePaceThatTheOperatorSets() throws IOException {
        map.addCafes(limassol, 2);
        PlaceQuery query = query("cafe", "Limassol");
        PlacesProperties.Openstreetmap settings =
                new PlacesProperties.Openstreetmap(map.nominatimUrl(), map.overpassUrl(), 20, 2);
        try (OpenstreetmapNode own = new OpenstreetmapNode(settings, DATABASE, clock, "127.0.0.0/8")) {
            assertThat(own.provider.visit(request(query, first(), false))).isInstanceOf(VisitOutcome.Found.class);
            assertThat(own.provider.visit(request(query, first(), false)))
                    .asInstanceOf(type(VisitOutcome.Later.class))
                    .satisfies(later -> assertThat(Duration.between(clock.instant(), later.notBefore()))
                            .isBetween(Duration.ofMillis(40), Duration.ofMillis(100)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://nominatim.openstreetmap.org/search, true",
        "https://overpass-api.de/api/interpreter, true",
        "https://lz4.overpass-api.de/api/interpreter, true",
        "https://nominatim.example.org/search, false",
        "https://notoverpass-api.de/api/interpreter, false",
        "https://openstreetmap.org.example.org/search, false",
        "http://127.0.0.1/search, false"
    })
    void thePublicServersKeepThePaceOfTheirPolicies(String url, boolean isPublic) {
        assertThat(PublicApi.isPublic(HttpUrl.parse(url))).isEqualTo(isPublic);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-1, 1", "NaN, 1", "1001, 1", "1, 0"})
    void aPaceThatIsNoneIsRefusedAtTheStart(double perSecond, int atOnce) {
        assertThatThrownBy(() ->
                        new PlacesProperties.Openstreetmap(map.nominatimUrl(), map.overpassUrl(), perSecond, atOnce))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bactrian.places.openstreetmap.own-requests-");
    }

    @ParameterizedTest
    @CsvSource({"429, http_4xx", "503, http_5xx", "504, http_5xx"})
    void aBusyServiceIsLeftAloneForAsLongAsItAsks(int status, String code) {
        map.next("nominatim", Behaviours.status(status, "Retry-After: 30"));
        PlaceQuery query = query("cafe", "Limassol");

        assertThat(once(query, first(), false))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> {
                    assertThat(failed.retryable()).isTrue();
                    assertThat(failed.code()).isEqualTo(code);
                    assertThat(failed.retryAfter()).isEqualTo(Duration.ofSeconds(30));
                });
        clock.advance(Duration.ofSeconds(20));
        assertThat(once(query, first(), false))
                .asInstanceOf(type(VisitOutcome.Later.class))
                .satisfies(later -> assertThat(Duration.between(clock.instant(), later.notBefore()))
                        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11)));
        assertThat(map.requests("nominatim")).isEqualTo(1);
    }

    @Test
    void anOverpassThatIsTooBusyMayBeTriedAgain() {
        map.next("overpass", Behaviours.status(504));
        PlaceQuery query = query("cafe", "Limassol");
        Visit second = further(query, first());

        assertThat(visit(query, second))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> {
                    assertThat(failed.retryable()).isTrue();
                    assertThat(failed.retryAfter()).isEqualTo(Duration.ofSeconds(15));
                });
        clock.advance(Duration.ofSeconds(15));
        assertThat(visit(query, second)).isInstanceOf(VisitOutcome.Found.class);
        assertThat(map.complaints()).isEmpty();
    }

    @Test
    void whoIsNotServedAnyMoreIsBlocked() {
        map.next("nominatim", Behaviours.status(403));

        assertThat(visit(query("cafe", "Limassol"), first())).isInstanceOf(VisitOutcome.Blocked.class);
    }

    @Test
    void aQueryThatIsTooMuchWorkIsNotRepeated() {
        map.next("overpass", json("""
                {"elements": [], "remark": "runtime error: Query timed out in \\"query\\" at line 1 after 26 seconds."}"""));
        PlaceQuery query = query("cafe", "Limassol");

        assertThat(visit(query, further(query, first())))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> {
                    assertThat(failed.code()).isEqualTo("timeout");
                    assertThat(failed.retryable()).isFalse();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "<html>busy</html>",
                "{\"elements\": 7}",
                "{\"elements\": [{\"type\": \"node\"",
                "{\"elements\": [",
                "\u0000"
            })
    void garbageOfOverpassIsAFailure(String garbage) {
        map.next("overpass", json(garbage));
        PlaceQuery query = query("cafe", "Limassol");

        assertThat(visit(query, further(query, first())))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> assertThat(failed.code()).isEqualTo("extraction_failed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "7",
                "[null]",
                "[{}]",
                "[{\"lat\": \"x\", \"lon\": \"1\"}]",
                "[{\"lat\": \"1\", \"lon\": \"1\", \"boundingbox\": [1, 2]}]",
                "[{\"lat\": \"1\", \"lon\": \"1\", \"boundingbox\": [\"NaN\", \"2\", \"3\", \"4\"]}]",
                "[{\"lat\": \"1\", \"lon\": \"1\", \"boundingbox\": [9, 2, 3, 4]}]",
                "[{\"lat\": \"1e999\", \"lon\": \"1\"}]"
            })
    void garbageOfNominatimIsAFailure(String garbage) {
        map.next("nominatim", json(garbage));

        assertThat(visit(query("cafe", "Limassol"), first()))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> assertThat(failed.code()).isEqualTo("extraction_failed"));
    }

    @Test
    void anAnswerThatIsTooLargeIsAFailure() {
        map.next("overpass", Behaviours.gzipBomb(20));
        PlaceQuery query = query("cafe", "Limassol");

        assertThat(visit(query, further(query, first())))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> assertThat(failed.code()).isEqualTo("too_large"));
    }

    @Test
    void aConnectionThatBreaksMayBeTriedAgain() {
        map.next("nominatim", Behaviours.truncated());

        assertThat(visit(query("cafe", "Limassol"), first()))
                .asInstanceOf(type(VisitOutcome.Failed.class))
                .satisfies(failed -> {
                    assertThat(failed.code()).isEqualTo("connection_reset");
                    assertThat(failed.retryable()).isTrue();
                });
    }

    @Test
    void theGuardStaysInFrontOfTheServers() throws IOException {
        try (OpenstreetmapNode guarded =
                new OpenstreetmapNode(map.nominatimUrl(), URI.create("ftp://x/"), DATABASE, clock)) {
            assertThat(guarded.provider.visit(request(query("cafe", "Limassol"), first(), false)))
                    .asInstanceOf(type(VisitOutcome.Failed.class))
                    .satisfies(failed -> assertThat(failed.code()).isEqualTo("egress_refused"));
            Visit second = further(query("cafe", "Limassol"), first());
            assertThat(guarded.provider.visit(request(query("cafe", "Limassol"), second, false)))
                    .asInstanceOf(type(VisitOutcome.Failed.class))
                    .satisfies(failed -> assertThat(failed.code()).isEqualTo("egress_refused"));
        }
    }

    @Test
    void aStepThatIsNoneIsAFailure() {
        PlaceQuery query = query("cafe", "Limassol");
        for (Visit visit : List.of(
                new Visit(Visit.Kind.SEARCH, "else", ""),
                new Visit(Visit.Kind.SEARCH, "elements", ""),
                new Visit(Visit.Kind.SEARCH, "elements", "null"),
                new Visit(Visit.Kind.SEARCH, "elements", "{\"south\": 99}"))) {
            assertThat(visit(query, visit)).isInstanceOf(VisitOutcome.Failed.class);
        }
    }

    @Test
    void itIsWhatClientsChooseForPlacesWithoutABrowser() {
        assertThat(node.provider.name()).isEqualTo("openstreetmap");
        assertThat(node.provider.available()).isTrue();
        assertThat(node.provider.hasRatings()).isFalse();
        assertThat(node.provider.needsBrowser()).isFalse();
    }

    private static PlaceQuery query(String terms, String location) {
        return new PlaceQuery(terms, location, 20, "en", null, false, List.of());
    }

    private static Behaviour json(String text) {
        return Behaviours.body("application/json", Behaviours.utf8(text));
    }

    private Visit first() {
        return node.provider.begin(query("", "")).getFirst();
    }

    private Visit further(PlaceQuery query, Visit visit) {
        return ((VisitOutcome.Found) visit(query, visit)).further().getFirst();
    }

    private static VisitRequest request(PlaceQuery query, Visit visit, boolean booked) {
        return new VisitRequest(query, visit, 1, booked, "lane");
    }

    private VisitOutcome once(PlaceQuery query, Visit visit, boolean booked) {
        return node.provider.visit(request(query, visit, booked));
    }

    /** Makes a step, however often it has to wait for its turn. */
    private VisitOutcome visit(PlaceQuery query, Visit visit) {
        VisitOutcome outcome = once(query, visit, false);
        while (outcome instanceof VisitOutcome.Later later) {
            clock.advance(Duration.between(clock.instant(), later.notBefore()));
            outcome = once(query, visit, true);
        }
        return outcome;
    }

    private List<Place> search(PlaceQuery query) {
        List<Place> places = new ArrayList<>();
        List<Visit> open = new ArrayList<>(node.provider.begin(query));
        while (!open.isEmpty()) {
            assertThat(visit(query, open.removeFirst()))
                    .asInstanceOf(type(VisitOutcome.Found.class))
                    .satisfies(found -> {
                        places.addAll(found.places());
                        open.addAll(found.further());
                    });
        }
        return places;
    }
}
