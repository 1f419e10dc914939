package io.bactrian.places.openstreetmap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.places.Place;
import io.bactrian.places.Place.OpeningHours;
import io.bactrian.places.PlaceQuery;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementPlaceTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123Z");

    @Test
    void aPlaceHasAllThatItsTagsSay() throws IOException {
        Place place = place("""
                {"type": "way", "id": 123, "center": {"lat": 34.7, "lon": 33.1}, "tags": {
                 "name": "Καφενείο", "name:en": "Coffee House", "amenity": "cafe", "shop": "yes", "cuisine": "coffee_shop;ice_cream",
                 "addr:street": "Main Street", "addr:housenumber": "12", "addr:city": "Limassol", "addr:postcode": "3036",
                 "addr:suburb": "Old Town", "addr:country": "cy", "addr:state": "Lemesos",
                 "contact:phone": "+357 25 000000; +357 25 000001", "website": "www.coffee.example/menu",
                 "opening_hours": "Mo-Fr 08:00-18:00; Sa 09:00-13:00; PH off",
                 "image": "https://img.example/a.jpg", "wikimedia_commons": "File:Coffee house.jpg"}}""", "en");

        assertThat(place)
                .isEqualTo(new Place(
                        "Coffee House",
                        "https://www.openstreetmap.org/way/123",
                        "Cafe",
                        null,
                        null,
                        null,
                        "+357 25 000000",
                        "https://www.coffee.example/menu",
                        new Place.Address(
                                "Main Street 12",
                                "Old Town",
                                "Limassol",
                                "Lemesos",
                                "3036",
                                "Main Street 12, 3036 Limassol, Lemesos"),
                        new Place.Coordinates(34.7, 33.1),
                        false,
                        null,
                        null,
                        "CY",
                        "osm:way/123",
                        NOW,
                        List.of(
                                new OpeningHours("Monday", List.of("08:00–18:00")),
                                new OpeningHours("Tuesday", List.of("08:00–18:00")),
                                new OpeningHours("Wednesday", List.of("08:00–18:00")),
                                new OpeningHours("Thursday", List.of("08:00–18:00")),
                                new OpeningHours("Friday", List.of("08:00–18:00")),
                                new OpeningHours("Saturday", List.of("09:00–13:00")),
                                new OpeningHours("Sunday", List.of())),
                        List.of(
                                "https://img.example/a.jpg",
                                "https://commons.wikimedia.org/wiki/Special:FilePath/Coffee_house.jpg"),
                        null,
                        null,
                        List.of("Cafe", "Shop", "Coffee shop", "Ice cream"),
                        null,
                        null));
    }

    @Test
    void namesAreInTheLanguageOfTheSearchWhereThereIsOne() throws IOException {
        String element = """
                {"type": "node", "id": 1, "tags": {"name": "Köln", "name:fr": "Cologne", "name:zh-Hant": "科隆"}}""";

        assertThat(place(element, "fr").placeName()).isEqualTo("Cologne");
        assertThat(place(element, "fr-CA").placeName()).isEqualTo("Cologne");
        assertThat(place(element, "zh-Hant").placeName()).isEqualTo("科隆");
        assertThat(place(element, "en").placeName()).isEqualTo("Köln");
    }

    @Test
    void whatIsNotKnownIsNull() throws IOException {
        Place place = place("{\"type\": \"node\", \"id\": 1, \"tags\": {\"name\": \"X\"}}", "en");

        assertThat(place.category()).isNull();
        assertThat(place.phoneNumber()).isNull();
        assertThat(place.website()).isNull();
        assertThat(place.address()).isEqualTo(new Place.Address(null, null, null, null, null, null));
        assertThat(place.coordinates()).isEqualTo(new Place.Coordinates(null, null));
        assertThat(place.openingHours()).isNull();
        assertThat(place.images()).isNull();
        assertThat(place.countryCode()).isEqualTo("DE");
        assertThat(place.categories()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"disused:shop": "bakery"}                        | true  | Bakery
            {"amenity": "cafe", "disused:shop": "bakery"}     | false | Cafe
            {"amenity": "cafe", "opening_hours": "off"}       | true  | Cafe
            {"amenity": "cafe", "opening_hours": "Mo-Su off"} | false | Cafe
            """)
    void aPlaceThatIsGoneIsClosed(String tags, boolean closed, String category) throws IOException {
        Place place =
                place("{\"type\":\"node\",\"id\":1,\"tags\":" + tags.replace("{", "{\"name\":\"X\",") + "}", "en");

        assertThat(place.permanentlyClosed()).isEqualTo(closed);
        assertThat(place.category()).isEqualTo(category);
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/, https://a.example/",
        "a.example, https://a.example/",
        "http://a.example:8080/x; http://b.example, http://a.example:8080/x",
        "javascript:alert(1),",
        "ftp://a.example,",
        "not a url,",
        "file:///etc/passwd,",
        "https://user:password@a.example/,"
    })
    void websitesAreLinksOrNothing(String tag, @Nullable String website) throws IOException {
        Place place = place("{\"type\":\"node\",\"id\":1,\"tags\":{\"name\":\"X\",\"website\":\"" + tag + "\"}}", "en");

        assertThat(place.website()).isEqualTo(website);
    }

    @Test
    void inCountriesThatWriteSoTheNumberComesFirst() throws IOException {
        Place place = place("""
                {"type": "node", "id": 1, "tags": {"name": "X", "addr:country": "US", "addr:street": "Main St", "addr:housenumber": "5",
                 "addr:city": "Springfield", "addr:state": "IL", "addr:postcode": "62701"}}""", "en");

        assertThat(place.address().fullAddress()).isEqualTo("5 Main St, Springfield, IL 62701");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            24/7                                       | 00:00–24:00 | 00:00–24:00 | 00:00–24:00
            09:00-17:00                                | 09:00–17:00 | 09:00–17:00 | 09:00–17:00
            Mo-Su,PH 9:00 - 17:00                      | 9:00–17:00  | 9:00–17:00  | 9:00–17:00
            mo-fr 08:00-12:00,13:00-18:00              | 08:00–12:00,13:00–18:00 | '' | ''
            Mo-Su 08:00-18:00; Sa 10:00-12:00; Su off; | 08:00–18:00 | 10:00–12:00 | ''
            Sa-Mo 22:00-26:00                          | 22:00–26:00 | 22:00–26:00 | 22:00–26:00
            Mo, Sa 10:00-11:00                         | 10:00–11:00 | 10:00–11:00 | ''
            """)
    void simpleOpeningHoursAreReadByDay(String tag, String monday, String saturday, String sunday) {
        List<OpeningHours> days = OpeningHoursTag.days(tag, "de");

        assertThat(days).extracting(OpeningHours::day).first().isEqualTo("Montag");
        assertThat(days).hasSize(7);
        assertThat(String.join(",", days.get(0).hours())).isEqualTo(monday);
        assertThat(String.join(",", days.get(5).hours())).isEqualTo(saturday);
        assertThat(String.join(",", days.get(6).hours())).isEqualTo(sunday);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sunrise-sunset",
                "Apr-Oct Mo-Fr 09:00-17:00",
                "Mo-Fr 09:00+",
                "Mo-Fr",
                "by appointment",
                "Mo-Fr 09:00-17:00 || \"call us\"",
                "PH off",
                ";;;"
            })
    void otherOpeningHoursStayAsTheyAre(String tag) {
        assertThat(OpeningHoursTag.days(tag, "en")).containsExactly(new OpeningHours("opening_hours", List.of(tag)));
    }

    @Test
    void opportunitiesForRegularExpressionsToExplodeAreMissed() {
        for (String part : List.of("Mo,", "Mo-", "09:00-17:00,", " ", "PH,", "Mo-Fr 09:00-17:00 ; ")) {
            assertThat(OpeningHoursTag.days(part.repeat(200_000), "en")).hasSize(1);
            assertThat(OpeningHoursTag.days(part.repeat(250 / part.length()) + "!", "en"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "[[[]]]",
                "{}",
                "{\"type\": 5, \"id\": 1, \"tags\": {\"name\": \"X\"}}",
                "{\"type\": \"planet\", \"id\": 1, \"tags\": {\"name\": \"X\"}}",
                "{\"type\": \"node\", \"id\": \"1\", \"tags\": {\"name\": \"X\"}}",
                "{\"type\": \"node\", \"id\": 99999999999999999999999, \"tags\": {\"name\": \"X\"}}",
                "{\"type\": \"node\", \"id\": -1, \"tags\": {\"name\": \"X\"}}",
                "{\"type\": {\"type\": \"node\"}, \"id\": [1], \"tags\": {\"name\": \"X\"}}",
                "{\"type\": \"node\", \"id\": 1}",
                "{\"type\": \"node\", \"id\": 1, \"tags\": null}",
                "{\"type\": \"node\", \"id\": 1, \"tags\": [{\"name\": \"X\"}]}",
                "{\"type\": \"node\", \"id\": 1, \"tags\": {\"name\": {\"name\": \"X\"}}}",
                "{\"type\": \"node\", \"id\": 1, \"tags\": {\"name\": 7, \"amenity\": \"cafe\"}}",
                "{\"type\": \"node\", \"id\": 1, \"tags\": {\"name\": \"  \"}}"
            })
    void elementsOfTheWrongShapeAreLeftOut(String element) throws IOException {
        OverpassAnswer answer = OverpassAnswer.read(
                ("{\"elements\": [" + element + ", {\"type\": \"node\", \"id\": 2, \"tags\": {\"name\": \"Good\"}}]}")
                        .getBytes(UTF_8),
                10);

        assertThat(answer.elements().stream()
                        .map(found -> new ElementPlace(found, query("en"), null).place(NOW))
                        .filter(Objects::nonNull))
                .extracting(Place::placeName)
                .containsExactly("Good");
    }

    @Test
    void membersOfTheWrongShapeCostNoMoreThanThemselves() throws IOException {
        Place place = place("""
                {"lat": "34", "lon": 1e400, "center": 7, "members": [{"type": "way"}], "tags":
                 {"name": "A\\u0000B\\ud800", "amenity": " ; cafe;; ", "phone": ";;", "website": ["x"], "image": {}, "addr:country": "Cyprus",
                  "wikimedia_commons": "Category:Cafes", "cuisine": "%s"}, "id": 1, "type": "node"}""".formatted("x;".repeat(1_000)), "en");

        assertThat(place.placeName()).isEqualTo("A B\uFFFD");
        assertThat(place.category()).isEqualTo("Cafe");
        assertThat(place.phoneNumber()).isNull();
        assertThat(place.website()).isNull();
        assertThat(place.images()).isNull();
        assertThat(place.coordinates()).isEqualTo(new Place.Coordinates(null, null));
        assertThat(place.countryCode()).isEqualTo("DE");
    }

    @Test
    void noMoreElementsAndTagsAreKeptThanAreWanted() throws IOException {
        StringBuilder tags = new StringBuilder("\"name\": \"X\"");
        for (int nth = 0; nth < 10_000; nth++) {
            tags.append(", \"k").append(nth).append("\": \"v\"");
        }
        String element = "{\"type\": \"node\", \"id\": 1, \"tags\": {" + tags + "}}";

        OverpassAnswer answer = OverpassAnswer.read(
                ("{\"elements\": [" + (element + ",").repeat(20) + element + "]}").getBytes(UTF_8), 5);

        assertThat(answer.elements())
                .hasSize(5)
                .allSatisfy(found -> assertThat(found.tags()).hasSizeLessThanOrEqualTo(300));
    }

    private static Place place(String element, String language) throws IOException {
        OverpassAnswer answer = OverpassAnswer.read(("{\"elements\": [" + element + "]}").getBytes(UTF_8), 10);
        return Objects.requireNonNull(new ElementPlace(answer.elements().getFirst(), query(language), "DE").place(NOW));
    }

    private static PlaceQuery query(String language) {
        return new PlaceQuery("cafe", "Limassol", 20, language, null, false, List.of());
    }
}
