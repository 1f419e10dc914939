package io.bactrian.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.demo.SamplePlace.Form;
import io.bactrian.demo.SamplePlace.Status;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SampleMapTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final MapView CENTRE = new MapView(Gazetteer.LATITUDE, Gazetteer.LONGITUDE, 12);

    private final HttpClient http = HttpClient.newHttpClient();
    private final SampleMap map = SampleMap.open(0);

    @AfterEach
    void trustEveryone() {
        map.unblock();
    }

    @AfterAll
    void closeTheMap() {
        http.close();
        map.close();
    }

    @Test
    void hasPlacesOfSeveralKindsEachWithItsOwnIdentity() {
        assertThat(map.places("coffee")).hasSize(SampleMap.COFFEE_PLACES);
        assertThat(map.places("bakery")).hasSize(45);
        assertThat(map.places("lighthouse")).hasSize(1);
        assertThat(map.places())
                .extracting(SamplePlace::placeId)
                .doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(id).matches("ChIJ[A-Za-z0-9_-]{23}"));
        assertThat(map.places()).extracting(SamplePlace::featureId).doesNotHaveDuplicates();
        assertThat(map.places())
                .allSatisfy(place -> assertThat(Long.parseUnsignedLong(place.cid()))
                        .isEqualTo(Long.parseUnsignedLong(place.featureId().replaceFirst(".*:0x", ""), 16)));
    }

    @Test
    void whatMayBeUnknownIsUnknownSomewhere() {
        List<SamplePlace> places = map.places("coffee");
        assertThat(places).anyMatch(place -> place.rating() == null);
        assertThat(places).anyMatch(place -> place.priceLevel() == null);
        assertThat(places).anyMatch(place -> place.phone() == null);
        assertThat(places).anyMatch(place -> place.website() == null);
        assertThat(places).anyMatch(place -> place.plusCode() == null);
        assertThat(places).anyMatch(place -> place.hours() == null);
        assertThat(places).anyMatch(place -> place.images() == 0);
        assertThat(places).anyMatch(place -> place.categories().isEmpty());
        assertThat(places).anyMatch(place -> place.address().street() == null);
        assertThat(places).extracting(SamplePlace::status).contains(Status.values());
        assertThat(places).extracting(SamplePlace::form).contains(Form.values());
        assertThat(places).extracting(SamplePlace::name).anyMatch(name -> name.startsWith("="));
        assertThat(places).extracting(SamplePlace::name).anyMatch(name -> name.contains("</script>"));
    }

    @Test
    void twoMapsShowTheSameOnWhateverPort() throws Exception {
        try (SampleMap other = SampleMap.open(0)) {
            assertThat(other.places()).isEqualTo(map.places());
            String path = PlaceArrays.path(map.places().getFirst(), MapWords.ENGLISH);
            assertThat(get(other, path).body().replace(port(other), port(map)))
                    .isEqualTo(get(map, path).body());
        }
    }

    @Test
    void consentIsAskedForBeforeAnythingIsShown() throws Exception {
        HttpRequest first = HttpRequest.newBuilder(map.address().resolve("/maps/search/coffee?hl=de"))
                .build();
        HttpResponse<String> sentAway = http.send(first, BodyHandlers.ofString());
        assertThat(sentAway.statusCode()).isEqualTo(302);

        Document question =
                Jsoup.parse(get(map, sentAway.headers().firstValue("Location").orElseThrow())
                        .body());
        assertThat(question.select("form[action*=consent.google][method=POST] button")
                        .eachText())
                .containsExactly("Alle ablehnen", "Alle akzeptieren");

        HttpResponse<String> saved =
                consent(question.select("input[name=continue]").attr("value"));
        assertThat(saved.statusCode()).isEqualTo(302);
        assertThat(saved.headers().firstValue("Location")).contains("/maps/search/coffee?hl=de");
        assertThat(saved.headers().firstValue("Set-Cookie").orElseThrow()).startsWith("SOCS=");
    }

    @Test
    void consentLeadsNowhereElse() throws Exception {
        assertThat(consent("https://elsewhere.example/").statusCode()).isEqualTo(400);
    }

    @Test
    void aListBeginsWithTwentyPlacesAndEndsWithAHundredAndTwenty() throws Exception {
        int before = map.searches();
        Document page = Jsoup.parse(
                get(map, "/maps/search/coffee+in+" + SampleMap.CITY + "?hl=en").body());
        assertThat(page.select("div[role=feed]")).hasSize(1);
        JsonNode embedded = unwrapped(state(page).path(3).path(2).asText());
        assertThat(items(embedded)).hasSize(20);

        Set<String> found = new HashSet<>(ids(embedded));
        for (int offset = 20; offset <= 120; offset += 20) {
            List<String> more = ids(part(12, CENTRE, offset));
            assertThat(more).hasSize(offset < 120 ? 20 : 0);
            found.addAll(more);
        }
        assertThat(found).hasSize(SampleMap.MOST_RESULTS);
        assertThat(map.searches()).isEqualTo(before + 1);
    }

    @Test
    void everyPlaceIsFoundBySearchingPartsOfTheMap() throws Exception {
        Set<String> found = new HashSet<>();
        searchPart(CENTRE, found);
        assertThat(found)
                .containsExactlyInAnyOrderElementsOf(
                        map.places("coffee").stream().map(SamplePlace::placeId).toList());
    }

    private void searchPart(MapView view, Set<String> found) throws Exception {
        List<String> here = new ArrayList<>();
        for (int offset = 0; offset <= 120; offset += 20) {
            here.addAll(ids(part(view.zoom(), view, offset)));
        }
        found.addAll(here);
        if (here.size() < SampleMap.MOST_RESULTS) {
            return;
        }
        double east = 320 * 360 / (256 * Math.pow(2, view.zoom()));
        // A little less than the exact quarter, so that they overlap.
        double north = 175 * 360 / (256 * Math.pow(2, view.zoom())) * Math.cos(Math.toRadians(view.latitude()));
        for (int quarter = 0; quarter < 4; quarter++) {
            searchPart(
                    new MapView(
                            view.latitude() + (quarter % 2 == 0 ? north : -north),
                            view.longitude() + (quarter / 2 == 0 ? east : -east),
                            view.zoom() + 1),
                    found);
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void thePageOfAPlaceShowsItAsItsFormIs(Form form) throws Exception {
        for (SamplePlace place :
                map.places().stream().filter(place -> place.form() == form).toList()) {
            Document page = Jsoup.parse(
                    get(map, PlaceArrays.path(place, MapWords.ENGLISH)).body());
            shownInTheDocument(place, page);
            JsonNode state = state(page).path(3);
            switch (form) {
                case COMPLETE ->
                    shownInJson(place, unwrapped(state.path(1).path(6).asText()));
                case MOVED ->
                    shownInJson(place, unwrapped(state.path("pg").path(5).asText()));
                case OLDER -> {
                    JsonNode root = unwrapped(state.path(1).path(6).asText());
                    shownInJson(place, root);
                    assertThat(root.path(6).path(203).isNull()).isTrue();
                    assertThat(root.path(6).path(34).path(1).isArray()).isEqualTo(place.hours() != null);
                }
                case PARTIAL -> {
                    JsonNode details = unwrapped(state.path(1).path(6).asText()).path(6);
                    assertThat(details.path(11).asText()).isEqualTo(place.name());
                    assertThat(details.path(78).isNull() && details.path(178).isNull())
                            .isTrue();
                }
                case DOCUMENT_ONLY -> assertThat(state.toString()).doesNotContain(")]}'");
            }
        }
    }

    private static void shownInTheDocument(SamplePlace place, Document page) {
        assertThat(page.select("h1").text()).isEqualTo(place.name().strip());
        assertThat(page.select("div.F7nice span[aria-hidden]").text())
                .isEqualTo(place.rating() == null ? "" : place.rating().toString());
        assertThat(page.select("button[data-item-id=address]").text()).contains(SampleMap.CITY);
        assertThat(page.select("a[data-item-id=authority]").attr("href"))
                .isEqualTo(place.website() == null ? "" : place.website());
        assertThat(page.select("button[data-item-id^=phone:tel:]").text())
                .isEqualTo(place.phone() == null ? "" : place.phone());
        assertThat(page.select("table tr")).hasSize(place.hours() == null ? 0 : 7);
        assertThat(page.text().contains("ermanently closed")).isEqualTo(place.status() == Status.PERMANENTLY_CLOSED);
    }

    private static void shownInJson(SamplePlace place, JsonNode root) {
        JsonNode details = root.path(6);
        assertThat(details.path(11).asText()).isEqualTo(place.name());
        assertThat(details.path(78).asText()).isEqualTo(place.placeId());
        assertThat(details.path(10).asText()).isEqualTo(place.featureId());
        assertThat(root.at("/25/3/0/13/0/0/1").asText()).isEqualTo(place.cid());
        assertThat(details.at("/9/2").asDouble()).isEqualTo(place.latitude());
        assertThat(details.at("/9/3").asDouble()).isEqualTo(place.longitude());
        assertThat(details.at("/13").size()).isEqualTo(place.categories().size());
        assertThat(details.at("/4/7").asDouble()).isEqualTo(place.rating() == null ? 0 : place.rating());
        assertThat(details.at("/178/0/1/1/0").asText()).isEqualTo(place.phone() == null ? "" : place.phone());
        assertThat(details.at("/7/0").isTextual()).isEqualTo(place.website() != null);
        assertThat(details.at("/183/1/3").asText()).isEqualTo(SampleMap.CITY);
        assertThat(details.at("/171/0").size()).isEqualTo(place.images());
        assertThat(details.at("/175/9/0/0").size()).isEqualTo(place.reviews().size());
        assertThat(details.at("/57/1").isTextual()).isEqualTo(place.claimed());
        if (place.status() == Status.TEMPORARILY_CLOSED) {
            assertThat(details.at("/34/4/4").asText()).isEqualTo("Temporarily closed");
        }
    }

    @Test
    void aSearchWithOneHitIsThePageOfThatPlace() throws Exception {
        SamplePlace only = map.places("lighthouse").getFirst();
        Document page = Jsoup.parse(get(map, "/maps/search/lighthouse").body());
        assertThat(page.select("div[role=feed]")).isEmpty();
        assertThat(page.select("h1").text()).isEqualTo(only.name());
        assertThat(page.select("script").html()).contains("replaceState", only.placeId());
    }

    @Test
    void aSearchWithoutHitsSaysSo() throws Exception {
        Document page = Jsoup.parse(get(map, "/maps/search/unicorn").body());
        assertThat(page.select("div[role=feed]")).isEmpty();
        assertThat(page.text()).contains("can't find unicorn");
    }

    @Test
    void categoriesAndTextsAreInTheLanguageThatIsAskedFor() throws Exception {
        SamplePlace closed = map.places("coffee").stream()
                .filter(place -> place.status() == Status.PERMANENTLY_CLOSED
                        && place.rating() != null
                        && place.categories().contains("Coffee shop"))
                .findFirst()
                .orElseThrow();
        Document page =
                Jsoup.parse(get(map, PlaceArrays.path(closed, MapWords.GERMAN)).body());
        assertThat(page.select("button.DkEaL").text()).isEqualTo("Café");
        assertThat(page.text()).contains("Dauerhaft geschlossen");
        assertThat(page.select("div.F7nice span[aria-hidden]").text()).contains(",");
    }

    @Test
    void whoSearchesForBlockedIsTakenForARobot() throws Exception {
        HttpResponse<String> sentAway = get(map, "/maps/search/blocked+coffee");
        assertThat(sentAway.statusCode()).isEqualTo(302);
        HttpResponse<String> sorry =
                get(map, sentAway.headers().firstValue("Location").orElseThrow());
        assertThat(sorry.uri().getPath()).isEqualTo("/sorry/index");
        assertThat(sorry.statusCode()).isEqualTo(429);
        assertThat(Jsoup.parse(sorry.body()).select("form#captcha-form")).hasSize(1);
    }

    @Test
    void whoAsksTooMuchIsTakenForARobotUntilTrustedAgain() throws Exception {
        map.blockAfter(2);
        assertThat(get(map, "/maps/search/coffee").statusCode()).isEqualTo(200);
        assertThat(get(map, "/maps/search/bakery").statusCode()).isEqualTo(200);
        assertThat(get(map, "/maps/search/museum").headers().firstValue("Location"))
                .hasValueSatisfying(location -> assertThat(location).startsWith("/sorry/index?continue="));
        assertThat(get(map, "/search?tbm=map&q=coffee&pb=!8i20").statusCode()).isEqualTo(302);
        map.unblock();
        assertThat(get(map, "/maps/search/coffee").statusCode()).isEqualTo(200);
    }

    @Test
    void pagesOfPlacesAreCounted() throws Exception {
        int before = map.placePages();
        get(map, PlaceArrays.path(map.places().getLast(), MapWords.ENGLISH));
        assertThat(map.placePages()).isEqualTo(before + 1);
    }

    @Test
    void robotsMayFetchEverything() throws Exception {
        assertThat(get(map, "/robots.txt").body()).isEqualTo("User-agent: *\nAllow: /\n");
    }

    @Test
    void unknownPathsAreNotFoundAndPostsAreNotAllowed() throws Exception {
        for (String path : List.of("/nothing", "/maps/place/x", "/maps/search/", "/search?q=coffee")) {
            assertThat(get(map, path).statusCode()).as(path).isEqualTo(404);
        }
        HttpRequest post = HttpRequest.newBuilder(map.address().resolve("/maps/search/coffee"))
                .POST(BodyPublishers.noBody())
                .build();
        assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }

    @Test
    void aPortInUseIsSaidInOneSentence() {
        int port = map.address().getPort();
        assertThatThrownBy(() -> SampleMap.open(port))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "Port %s, which the sample map needs, is in use: stop what listens there or choose another port."
                                .formatted(port));
    }

    private JsonNode part(double zoom, MapView view, int offset) throws Exception {
        return unwrapped(get(
                        map,
                        "/search?tbm=map&hl=en&q=coffee&pb=!4m9!1m3!1d3281.4!2d%s!3d%s!4f%s!7i20!8i%s"
                                .formatted(view.longitude(), view.latitude(), zoom, offset))
                .body());
    }

    private static List<JsonNode> items(JsonNode answer) {
        return StreamSupport.stream(answer.path(0).path(1).spliterator(), false)
                .skip(1)
                .map(item -> item.path(14))
                .toList();
    }

    private static List<String> ids(JsonNode answer) {
        return items(answer).stream().map(place -> place.path(78).asText()).toList();
    }

    private static JsonNode state(Document page) throws Exception {
        String script = page.select("script").dataNodes().getFirst().getWholeData();
        return JSON.readTree(script.substring(script.indexOf("STATE=") + 6, script.lastIndexOf(';')));
    }

    private static JsonNode unwrapped(String answer) throws Exception {
        assertThat(answer).startsWith(")]}'\n");
        return JSON.readTree(answer.substring(5));
    }

    private HttpResponse<String> consent(String target) throws Exception {
        HttpRequest save = HttpRequest.newBuilder(map.address().resolve("/consent.google.example/save"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("hl=en&continue=" + URLEncoder.encode(target, UTF_8)))
                .build();
        return http.send(save, BodyHandlers.ofString());
    }

    private HttpResponse<String> get(SampleMap of, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(of.address() + path))
                .header("Cookie", "other=1; SOCS=CAISHAgB")
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static String port(SampleMap of) {
        return "127.0.0.1:" + of.address().getPort();
    }
}
