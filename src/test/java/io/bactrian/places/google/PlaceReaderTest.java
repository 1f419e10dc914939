package io.bactrian.places.google;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.places.Place;
import io.bactrian.places.Place.OpeningHours;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceReaderTest {
    private static final Site SITE = SiteFile.read(SiteFileTest.SHIPPED);
    private static final String URL =
            "https://maps.example/maps/place/Zum+Kamel/data=!4m7!3m6!1s0x1a:0x2b!8m2!3d52.5!4d13.25!19sChIJ0123456789?hl=de";

    private static final Document VISIBLE = Jsoup.parse("""
            <div role=main><h1 class="DUwDvf">Zum  Kamel</h1>
            <div class="F7nice"><span><span aria-hidden="true">4,2</span><span role="img" aria-label="4,2 Sterne"></span></span>
              <span><span aria-label="1.396 Rezensionen">(1.396)</span></span></div>
            <span class="mgr77e"><span role="img">€€</span></span>
            <button class="DkEaL" jsaction="pane.wfvdle.category">Teehaus</button>
            <span class="fCEvvc">Vorübergehend geschlossen</span>
            <button data-item-id="address" aria-label="Adresse: Alter Hafen 1, Berlin"></button>
            <a data-item-id="authority" href="https://kamel.example/">kamel.example</a>
            <button data-item-id="phone:tel:+4930123456"></button>
            <button data-item-id="oloc"><div class="Io6YTe">GC2X+22 Berlin</div></button>
            <a data-item-id="merchant" href="#">Inhaber?</a>
            <table class="eK4R0e"><tr><td>Montag</td><td><ul><li>09:00–12:00</li><li>13:00–17:00</li></ul></td></tr></table>
            <div class="jftiEf" data-review-id="r1"><div class="d4r55">Ada</div><span class="kvMYJc" aria-label="5 Sterne"></span>
              <span class="wiI7pd">Sehr gut.</span></div>
            </div>""");

    private final SettableClock clock = new SettableClock();
    private final PlaceReader reader = new PlaceReader(SITE, "https://maps.example", clock);

    @Test
    void allThatTheDataHasIsRead() {
        PageArrays data = PageArrays.place()
                .with("place[13]", "[\"Teehaus\", \"Café\", \"Teehaus\"]")
                .with("place[18]", "\"Zum Kamel, Alter Hafen 1, 10115 Berlin\"")
                .with(
                        "place[183][1]",
                        "[\"Mitte\", \"Alter Hafen 1\", \"Alter Hafen 1\", \"Berlin\", \"10115\", \"BE\", \"de\"]")
                .with("place[183][2]", "[\"x\", [\"9F4MGC2X+22\"], [\"GC2X+22 Berlin\"]]")
                .with("place[27]", "\"https://maps.example/maps/place/Zum+Kamel\"")
                .with("place[4]", "[null, null, \"€€€\", null, null, null, null, 4.6, 1396]")
                .with("place[9]", "[null, null, 52.5, 13.25]")
                .with("place[7][0]", "\"/url?q=https://kamel.example/%3Fa%3Db&opi=1&sa=U\"")
                .with("place[178][0][0]", "\"+49 30 123456\"")
                .with("place[34][4][4]", "\"Dauerhaft geschlossen\"")
                .with(
                        "place[203][0]",
                        "[[\"Montag\", 1, [2026, 6, 1], [[\"9–12\", []], [\"13\u202fUhr–17\u202fUhr\", []]], 0, 1]]")
                .with(
                        "place[171][0]",
                        "[[0, 0, 0, [[0, 0, 0, 0, 0, 0, [\"//img.example/1\"]]]], [0, 0, 0, [[0, 0, 0, 0, 0, 0, [\"javascript:x\"]]]]]")
                .with(
                        "place[175][9][0][0]",
                        "[[[\"r1\", [0, 0, 1688125590509285, 0, [0, 0, 0, 0, 0, [\"Ada\"]]], [[5]]]]]")
                .with("place[175][9][0][0][0][0][2][15]", "[[\"Sehr\\ngut.\"]]")
                .with("place[57]", "[null, \"Zum Kamel (Inhaber)\", \"100\"]");

        Place place = read(data.array(), null);

        assertThat(place)
                .isEqualTo(new Place(
                        "Zum Kamel",
                        "https://maps.example/maps/place/Zum+Kamel",
                        "Teehaus",
                        4.6,
                        1396,
                        3,
                        "+49 30 123456",
                        "https://kamel.example/?a=b",
                        new Place.Address(
                                "Alter Hafen 1", "Mitte", "Berlin", "BE", "10115", "Alter Hafen 1, 10115 Berlin"),
                        new Place.Coordinates(52.5, 13.25),
                        true,
                        false,
                        false,
                        "DE",
                        "ChIJ0123456789",
                        Instant.parse("2026-03-01T12:00:00.123Z"),
                        List.of(new OpeningHours("Montag", List.of("9–12", "13 Uhr–17 Uhr"))),
                        List.of("https://img.example/1"),
                        "GC2X+22 Berlin",
                        List.of(new Place.Review(
                                "r1", "Ada", 5, "Sehr\ngut.", Instant.parse("2023-06-30T11:46:30.509285Z"))),
                        List.of("Teehaus", "Café"),
                        null,
                        null));
    }

    @Test
    void whatTheDataHasNotIsReadFromTheVisibleDocumentAndTheUrl() {
        Place place = read(null, VISIBLE);

        assertThat(place.placeName()).isEqualTo("Zum Kamel");
        assertThat(place.placeId()).isEqualTo("ChIJ0123456789");
        assertThat(place.url()).isEqualTo(URL);
        assertThat(place.totalReviewScore()).isEqualTo(4.2);
        assertThat(place.reviewCount()).isEqualTo(1396);
        assertThat(place.priceLevel()).isEqualTo(2);
        assertThat(place.categories()).containsExactly("Teehaus");
        assertThat(place.address().fullAddress()).isEqualTo("Alter Hafen 1, Berlin");
        assertThat(place.website()).isEqualTo("https://kamel.example/");
        assertThat(place.phoneNumber()).isEqualTo("+4930123456");
        assertThat(place.plusCode()).isEqualTo("GC2X+22 Berlin");
        assertThat(place.coordinates()).isEqualTo(new Place.Coordinates(52.5, 13.25));
        assertThat(place.temporarilyClosed()).isTrue();
        assertThat(place.permanentlyClosed()).isFalse();
        assertThat(place.canBeClaimed()).isTrue();
        assertThat(place.openingHours())
                .containsExactly(new OpeningHours("Montag", List.of("09:00–12:00", "13:00–17:00")));
        assertThat(place.reviews()).containsExactly(new Place.Review("r1", "Ada", 5, "Sehr gut.", null));
    }

    @Test
    void eachFieldFallsBackByItself() {
        Place place = read(PageArrays.place().with("place[4][7]", "3.9").array(), VISIBLE);

        assertThat(place.totalReviewScore()).isEqualTo(3.9);
        assertThat(place.reviewCount()).isEqualTo(1396);
        assertThat(place.phoneNumber()).isEqualTo("+4930123456");
    }

    @Test
    void hoursAndReviewsAreReadInTheirOlderShapesToo() {
        Place place = read(
                PageArrays.place()
                        .with(
                                "place[34][1]",
                                "[[\"Monday\", [\"9 AM–5 PM\"], null], [\"Sunday\", [\"Closed\"]], [\"x\"], 7]")
                        .with(
                                "place[52][0]",
                                "[[[\"https://x.example\", \"Ada\"], \"2 months ago\", null, \"Fine.\", 4]]")
                        .with("place[52][0][0][27]", "1688125590509")
                        .array(),
                null);

        assertThat(place.openingHours())
                .containsExactly(
                        new OpeningHours("Monday", List.of("9 AM–5 PM")),
                        new OpeningHours("Sunday", List.of("Closed")));
        assertThat(place.reviews())
                .containsExactly(new Place.Review(null, "Ada", 4, "Fine.", Instant.parse("2023-06-30T11:46:30.509Z")));
    }

    @Test
    void whatIsNotKnownIsNull() {
        Place place = read(PageArrays.place().array(), null);

        assertThat(place.permanentlyClosed()).isNull();
        assertThat(place.temporarilyClosed()).isNull();
        assertThat(place.canBeClaimed()).isTrue();
        assertThat(place.images()).isNull();
        assertThat(place.openingHours()).isNull();
        assertThat(place.categories()).isEmpty();
        assertThat(place.reviews()).isEmpty();
        assertThat(requireNonNull(reader.read(PageArrays.place().array(), null, URL, false))
                        .place()
                        .reviews())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"€, 1", "$$, 2", "₺₺₺, 3", "££££, 4", "€€€€€,", "$10–20,", "€1–10,", "EUR,", "$€,", "'',"})
    void thePriceLevelIsTheNumberOfSigns(String text, @Nullable Integer level) {
        assertThat(read(
                                PageArrays.place()
                                        .with("place[4][2]", "\"" + text + "\"")
                                        .array(),
                                null)
                        .priceLevel())
                .isEqualTo(level);
    }

    @Test
    void aPlaceWithoutPlaceIdGetsTheOneThatItsFeatureIdMeans() {
        JsonNode data = PageArrays.json("[[]]");
        PageArrays place = new PageArrays()
                .with("place[11]", "\"Zum Kamel\"")
                .with("place[10]", "\"0x14e732fd76f0d90d:0xe5415928d6702b47\"");
        String url = "https://maps.example/maps/place/x";

        assertThat(requireNonNull(reader.read(place.array(), null, url, true))
                        .place()
                        .placeId())
                .isEqualTo("ChIJDdnwdv0y5xQRRytw1ihZQeU");
        assertThat(requireNonNull(reader.read(
                                place.with("place[10]", "\"0x0:0xe5415928d6702b47\"")
                                        .array(),
                                null,
                                url,
                                true))
                        .place()
                        .placeId())
                .isEqualTo("0x0:0xe5415928d6702b47");
        assertThat(reader.read(data, null, url, true)).isNull();
    }

    @Test
    void hostileValuesAreLeftOutOrCut() {
        String endless = "x".repeat(100_000);
        Place place = read(
                PageArrays.place()
                        .with("place[11]", "\"Zum\\u0000 \\ud800Kamel \\u2028" + endless + "\"")
                        .with("place[13]", "[" + "\"c\", 7, {}, null, ".repeat(100) + "\"d\"]")
                        .with("place[4]", "[null, null, 12, null, {}, null, null, 1e400, -3]")
                        .with("place[9]", "[null, null, 91, \"13.5\"]")
                        .with("place[7][0]", "\"javascript:alert(1)\"")
                        .with("place[178][0][0]", "[]")
                        .with("place[183][1]", "{\"0\": \"x\"}")
                        .with(
                                "place[175][9][0][0]",
                                "[" + "[[\"r\", 1, [[5]]]], ".repeat(500) + "[[\"r\", [0, 0, 9e99], [[77]]]]]")
                        .array(),
                null);

        assertThat(requireNonNull(place.placeName())).startsWith("Zum  Kamel").hasSizeLessThanOrEqualTo(300);
        assertThat(place.categories()).containsExactly("c");
        assertThat(place.priceLevel()).isNull();
        assertThat(place.totalReviewScore()).isNull();
        assertThat(place.reviewCount()).isNull();
        assertThat(place.coordinates()).isEqualTo(new Place.Coordinates(52.5, 13.5));
        assertThat(place.website()).isNull();
        assertThat(place.phoneNumber()).isNull();
        assertThat(place.address().street()).isNull();
        assertThat(place.reviews()).hasSize(SITE.reviews().most());
    }

    @Test
    void noArrayWhateverIsInItIsAnException() {
        Random random = new Random(42);
        List<String> values = List.of(
                "null",
                "[]",
                "{}",
                "0",
                "-1",
                "1e999",
                "true",
                "\"\"",
                "\"x\"",
                "\"/url?q=%zz\"",
                "[[[[]]]]",
                "[null]",
                "\"0x1:0x2\"");
        for (int round = 0; round < 300; round++) {
            String data = random(random, values, 4);

            reader.read(PageArrays.json(data), VISIBLE, URL, true);
        }
    }

    private static String random(Random random, List<String> values, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return values.get(random.nextInt(values.size()));
        }
        return Stream.generate(() -> random(random, values, depth - 1))
                .limit(depth == 4 ? 250 : random.nextInt(12))
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void theDataIsFoundWhereverItIsInTheVariable() throws Exception {
        PageData pages = new PageData(SITE);
        String page = new ObjectMapper()
                .writeValueAsString(
                        ")]}'\n[0, 0, 0, 0, 0, 0, " + PageArrays.place().array() + "]");
        FeatureId same = requireNonNull(FeatureId.parse("0x99:0x2b"));
        FeatureId other = requireNonNull(FeatureId.parse("0x1a:0x2c"));

        assertThat(pages.place("[null, [null, null, " + page + "]]", null)).isNotNull();
        assertThat(pages.place("{\"xf\": [null, 5, {\"y\": " + page + "}]}", same))
                .isNotNull();
        assertThat(pages.place("[\")]}'broken\", \")]}'\\n[]\", " + page + "]", null))
                .isNotNull();
        assertThat(pages.place("[" + page + "]", other)).isNull();
        assertThat(pages.place("[".repeat(5_000) + "]".repeat(5_000), null)).isNull();
        assertThat(pages.place("[" + "[],".repeat(500_000) + "0]", null)).isNull();
        assertThat(pages.place("\")]}'" + "[".repeat(5_000) + "\"", null)).isNull();
        assertThat(pages.place("7", null)).isNull();
        assertThat(pages.place("", null)).isNull();
    }

    private Place read(@Nullable JsonNode data, @Nullable Document document) {
        return requireNonNull(reader.read(data, document, URL, true)).place();
    }
}
