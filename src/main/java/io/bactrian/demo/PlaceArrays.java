package io.bactrian.demo;

import static io.bactrian.demo.JsonArrays.array;
import static io.bactrian.demo.JsonArrays.at;
import static io.bactrian.demo.JsonArrays.list;
import static io.bactrian.demo.JsonArrays.node;
import static io.bactrian.demo.JsonArrays.sparse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.bactrian.demo.SamplePlace.Address;
import io.bactrian.demo.SamplePlace.Form;
import io.bactrian.demo.SamplePlace.Review;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Places as the arrays without names in which Google Maps hands them to its scripts.
 *
 * <p>The numbers here are the positions of the fields, as they were found in real answers.
 */
final class PlaceArrays {
    static final String PREFIX = ")]}'\n";

    private static final int LENGTH = 244;
    /** Some answers end early, before the newer fields. */
    private static final int SHORT_LENGTH = 190;

    private PlaceArrays() {}

    /** The JSON that is in the page of a place. */
    static ArrayNode page(SamplePlace place, MapWords words, URI map) {
        ArrayNode numbers =
                array(array(array(String.valueOf(place.number()), place.cid()), knowledgeId(place)), 0, 0, 0);
        return sparse(
                32,
                Map.of(
                        1, array(),
                        4, array(array(3281.4, place.longitude(), place.latitude()), array(0, 0, 0), array(1280, 720)),
                        6, details(place, words, map, true),
                        25, array(null, null, null, array(at(13, numbers)))));
    }

    /** The answer to a search: places from {@code offset} on. */
    static ArrayNode results(String terms, List<SamplePlace> places, MapWords words, URI map) {
        ArrayNode items = array(sparse(11, Map.of(10, array(terms, 0))));
        for (SamplePlace place : places) {
            items.add(sparse(15, Map.of(14, details(place, words, map, false))));
        }
        return sparse(67, Map.of(0, array(terms, items, null, 1)));
    }

    /** Where the page of a place is, relative to the map's address. */
    static String path(SamplePlace place, MapWords words) {
        return "/maps/place/%s/data=!4m7!3m6!1s%s!8m2!3d%s!4d%s!16s%s!19s%s?authuser=0&hl=%s&rclk=1"
                .formatted(
                        Addresses.encoded(place.name()),
                        place.featureId(),
                        place.latitude(),
                        place.longitude(),
                        Addresses.encoded(knowledgeId(place)),
                        place.placeId(),
                        words.language());
    }

    static String fullAddress(SamplePlace place, MapWords words) {
        return String.join(", ", addressLines(place.address(), words));
    }

    /** @param page whether it is for the place's own page, which has more than a list */
    private static ArrayNode details(SamplePlace place, MapWords words, URI map, boolean page) {
        Map<Integer, JsonNode> fields = new HashMap<>();
        List<String> lines = addressLines(place.address(), words);
        String full = String.join(", ", lines);
        fields.put(0, node("sample-" + place.number()));
        fields.put(2, list(lines));
        fields.put(9, array(null, null, place.latitude(), place.longitude()));
        fields.put(10, node(place.featureId()));
        fields.put(11, node(place.name()));
        fields.put(18, node(place.name() + ", " + full));
        fields.put(30, node("Europe/London"));
        fields.put(39, node(full));
        fields.put(78, node(place.placeId()));
        fields.put(88, array(null, "SearchResult.TYPE_" + place.term().toUpperCase(Locale.ROOT)));
        fields.put(89, node(knowledgeId(place)));
        fields.put(183, address(place, lines));
        if (!place.categories().isEmpty()) {
            fields.put(13, list(place.categories().stream().map(words::category).toList()));
        }
        if (place.rating() != null || place.priceLevel() != null) {
            fields.put(4, rating(place, words));
        }
        if (place.website() != null) {
            fields.put(7, website(place, place.website()));
        }
        if (place.phone() != null) {
            fields.put(178, phone(place, place.phone()));
        }
        if (!place.claimed()) {
            fields.put(49, array("https://business.example/claim?" + place.cid(), words.claim()));
        }
        HoursArrays.put(place, words, fields);
        if (page) {
            ownPage(place, words, map, fields);
        }
        int length = place.number() % 17 == 3 && place.hours() == null ? SHORT_LENGTH : LENGTH;
        return sparse(length, fields);
    }

    private static void ownPage(SamplePlace place, MapWords words, URI map, Map<Integer, JsonNode> fields) {
        fields.put(27, node(map + path(place, words)));
        fields.put(100, attributes(words));
        if (place.claimed()) {
            fields.put(57, array(null, words.owner(place.name()), String.valueOf(100_000_000_000L + place.number())));
        }
        if (place.images() > 0) {
            fields.put(171, array(images(place)));
        }
        if (place.rating() != null) {
            fields.put(175, reviews(place, words));
        }
        if (place.form() == Form.PARTIAL) {
            fields.keySet().removeAll(List.of(7, 18, 39, 78, 178, 183, 203));
        }
    }

    private static ArrayNode rating(SamplePlace place, MapWords words) {
        Integer count = place.reviewCount();
        Map<Integer, JsonNode> rating = new HashMap<>();
        if (place.priceLevel() != null) {
            rating.put(2, node("£".repeat(place.priceLevel())));
            rating.put(4, node("£".repeat(place.priceLevel())));
            rating.put(10, node(words.price(place.priceLevel())));
        }
        if (place.rating() != null && count != null) {
            rating.put(3, array("https://reviews.example/?placeid=" + place.placeId(), words.reviews(count)));
            rating.put(7, node(place.rating()));
            rating.put(8, node(count));
        }
        return sparse(11, rating);
    }

    private static ArrayNode website(SamplePlace place, String website) {
        String host = URI.create(website).getHost();
        boolean wrapped = place.number() % 5 == 0;
        return array(
                wrapped ? "/url?q=" + Addresses.encoded(website) + "&opi=79508299&sa=U&ved=0" : website,
                host.startsWith("www.") ? host.substring(4) : host,
                null,
                "0");
    }

    private static ArrayNode phone(SamplePlace place, String international) {
        String national = international.replaceFirst("^\\+44 ", "0");
        return array(array(
                place.number() % 7 == 0 ? national : international,
                array(array(national, 1), array(international, 2)),
                null,
                international.replace(" ", ""),
                null,
                array("tel:" + international.replace(" ", ""))));
    }

    private static List<String> addressLines(Address address, MapWords words) {
        String city = Stream.of(address.city(), address.postalCode())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        return Stream.of(address.street(), address.neighborhood(), city, words.country())
                .filter(Objects::nonNull)
                .toList();
    }

    private static ArrayNode address(SamplePlace place, List<String> lines) {
        Address address = place.address();
        ArrayNode inWords = array(
                array(7, list(lines.stream().map(JsonArrays::array).toList())),
                array(2, array(array(place.name() + ", " + String.join(", ", lines)))));
        ArrayNode parts = address.state() == null && place.number() % 2 == 0
                ? array(
                        address.neighborhood(),
                        address.street(),
                        address.street(),
                        address.city(),
                        address.postalCode())
                : array(
                        address.neighborhood(),
                        address.street(),
                        address.street(),
                        address.city(),
                        address.postalCode(),
                        address.state(),
                        address.countryCode());
        if (place.plusCode() == null) {
            return array(inWords, parts);
        }
        String compound = place.plusCode().substring(4) + " " + address.city();
        return array(inWords, parts, array("0", array(place.plusCode()), array(compound), 2));
    }

    private static ArrayNode attributes(MapWords words) {
        return array(
                null,
                array(array(
                        "service_options",
                        words.say("Service options", "Serviceoptionen"),
                        array(array("/geo/type/has_takeout", words.say("Takeaway", "Zum Mitnehmen"), array(1))))));
    }

    private static ArrayNode images(SamplePlace place) {
        return list(IntStream.rangeClosed(1, place.images())
                .mapToObj(image -> array(
                        "tab-" + image,
                        "0",
                        "All",
                        array(array(
                                "image-%03d-%d".formatted(place.number(), image),
                                10,
                                12,
                                null,
                                null,
                                677.5,
                                array(
                                        "https://images.example/p/%03d-%d=w298-h298-k-no"
                                                .formatted(place.number(), image),
                                        "",
                                        array(2048, 2048),
                                        array(203, 100))))))
                .toList());
    }

    private static ArrayNode reviews(SamplePlace place, MapWords words) {
        int count = Objects.requireNonNullElse(place.reviewCount(), 0);
        ArrayNode histogram = array(count / 20, count / 20, count / 10, count / 5, count - count / 20 * 2);
        ArrayNode latest = list(
                place.reviews().stream().map(review -> array(review(review))).toList());
        return sparse(
                10,
                Map.of(
                        3, histogram,
                        4, array(words.say("Rate and review", "Bewerten und rezensieren")),
                        9, array(array(latest, null, 1, null, "other_user_reviews"))));
    }

    private static ArrayNode review(Review review) {
        ArrayNode author = sparse(
                16,
                Map.of(
                        0, node("0x0:0x0"),
                        2, node(review.publishedMicros()),
                        3, node(review.publishedMicros()),
                        4,
                                // Where the author stands has moved at some time.
                                review.rating() % 2 == 0
                                        ? array(array(null, null, null, "https://faces.example/1", review.author()))
                                        : at(5, array(review.author(), "https://faces.example/1"))));
        ArrayNode words = review.text() == null
                ? array(array(review.rating()))
                : sparse(16, Map.of(0, array(review.rating()), 15, array(array(review.text(), null, array(0, 185)))));
        return array(review.id(), author, words, null, array(null, 0), "0");
    }

    private static String knowledgeId(SamplePlace place) {
        return "/g/11sample%03d".formatted(place.number());
    }
}
