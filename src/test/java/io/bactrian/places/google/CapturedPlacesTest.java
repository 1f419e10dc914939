package io.bactrian.places.google;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.places.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Places of real answers, which are no part of the project: without them there is nothing to test. */
class CapturedPlacesTest {
    private static final Path ANSWERS =
            Path.of(System.getProperty("bactrian.test.shared", "../shared"), "data", "google-maps");

    private final PlaceReader reader =
            new PlaceReader(SiteFile.read(SiteFileTest.SHIPPED), "https://www.google.com", new SettableClock());

    @BeforeAll
    static void areThere() {
        assumeTrue(Files.isDirectory(ANSWERS), "There are no captured answers.");
    }

    @Test
    void thePlacePageIsReadWithEveryField() throws IOException {
        Reading reading = page();
        Place place = reading.place();

        assertThat(reading.filled().entrySet().stream()
                        .filter(field -> !field.getValue())
                        .map(Map.Entry::getKey))
                .containsExactlyInAnyOrder("claim", "neighborhood", "state", "website");
        assertThat(place.placeName()).isEqualTo("Kipriakon");
        assertThat(place.url()).startsWith("https://www.google.com/maps/place/Kipriakon/data=");
        assertThat(place.category()).isEqualTo("Restaurant");
        assertThat(place.totalReviewScore()).isEqualTo(4.2);
        assertThat(place.reviewCount()).isEqualTo(396);
        assertThat(place.priceLevel()).isEqualTo(2);
        assertThat(place.phoneNumber()).isEqualTo("25 101555");
        assertThat(place.address())
                .isEqualTo(new Place.Address("Old port", null, "Limassol", null, "3042", "Old port, Limassol 3042"));
        assertThat(place.coordinates().latitude()).isEqualTo(34.670595399999996);
        assertThat(place.coordinates().longitude()).isEqualTo(33.042456699999995);
        assertThat(place.permanentlyClosed()).isFalse();
        assertThat(place.temporarilyClosed()).isFalse();
        assertThat(place.canBeClaimed()).isFalse();
        assertThat(place.countryCode()).isEqualTo("CY");
        assertThat(place.placeId()).isEqualTo("ChIJDdnwdv0y5xQRRytw1ihZQeU");
        assertThat(requireNonNull(place.openingHours())).hasSize(7);
        assertThat(requireNonNull(place.openingHours()).getFirst())
                .isEqualTo(new Place.OpeningHours("Monday", List.of("12:30–10 pm")));
        assertThat(requireNonNull(place.images()))
                .isNotEmpty()
                .allSatisfy(image -> assertThat(image).startsWith("https://"));
        assertThat(place.plusCode()).isEqualTo("M2CR+6X Limassol");
        assertThat(requireNonNull(place.reviews()))
                .hasSize(8)
                .allSatisfy(review -> assertThat(review).hasNoNullFieldsOrProperties());
        assertThat(requireNonNull(place.reviews()).getFirst().author()).startsWith("Reviewer ");
    }

    @Test
    void everyPlaceOfTheSearchIsReadWithEveryFieldThatItHas() throws IOException {
        List<Reading> readings = searchResults();

        assertThat(readings).hasSize(20);
        assertThat(counts(readings)).isEqualTo("""
                categories 20
                city 20
                claim 1
                country 20
                feature-id 20
                full-address 20
                hours 19
                images 19
                latitude 20
                link 0
                longitude 20
                neighborhood 0
                owner 19
                phone 20
                place-id 20
                plus-code 0
                postal-code 20
                price 5
                rating 20
                review-count 20
                reviews 0
                state 0
                status 20
                street 20
                title 20
                website 8""");
        assertThat(readings).allSatisfy(reading -> {
            Place place = reading.place();
            assertThat(place.address().fullAddress()).doesNotStartWith(String.valueOf(place.placeName()));
            assertThat(place.url()).isEqualTo("https://www.google.com/maps/place/?q=place_id:" + place.placeId());
            assertThat(place.permanentlyClosed()).isFalse();
        });
        assertThat(readings.stream().map(reading -> reading.place().canBeClaimed()))
                .startsWith(true, false)
                .filteredOn(claimable -> claimable)
                .hasSize(1);
    }

    @Test
    void thePlaceIdsAreThoseThatTheFeatureIdsMean() throws IOException {
        for (JsonNode item : search()) {
            FeatureId feature = requireNonNull(FeatureId.parse(item.get(10).textValue()));

            assertThat(feature.placeId()).isEqualTo(item.get(78).textValue());
        }
    }

    private static String counts(List<Reading> readings) {
        Map<String, Integer> counts = new TreeMap<>();
        readings.forEach(reading ->
                reading.filled().forEach((field, there) -> counts.merge(field, there ? 1 : 0, Integer::sum)));
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " " + count.getValue())
                .collect(Collectors.joining("\n"));
    }

    private Reading page() throws IOException {
        JsonNode page = new ObjectMapper()
                .readTree(ANSWERS.resolve("place-kipriakon.en.json").toFile());
        return requireNonNull(reader.read(page.get(6), null, "", true));
    }

    private List<Reading> searchResults() throws IOException {
        List<Reading> readings = new ArrayList<>();
        for (JsonNode item : search()) {
            readings.add(requireNonNull(reader.read(item, null, "", true)));
        }
        return readings;
    }

    private static List<JsonNode> search() throws IOException {
        JsonNode items = new ObjectMapper()
                .readTree(ANSWERS.resolve("search-coffee.json").toFile())
                .path(0)
                .path(1);
        List<JsonNode> places = new ArrayList<>();
        for (int index = 1; index < items.size(); index++) {
            places.add(items.get(index).get(14));
        }
        return places;
    }
}
