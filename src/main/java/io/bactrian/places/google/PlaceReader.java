package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.places.Place;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;

/**
 * Makes a place of what its page says: of the data in the page's scripts, and for each field that is not there, of the page's
 * URL and visible document. Whatever these contain, it reads what it can and nothing without bounds.
 */
final class PlaceReader {
    private static final int LONGEST_NAME = 300;
    private static final int LONGEST_ADDRESS = 500;
    private static final int MOST_CATEGORIES = 20;
    private static final Pattern PLACE_ID = Pattern.compile("[A-Za-z0-9_-]{8,255}");
    private static final Pattern COUNTRY = Pattern.compile("[A-Za-z]{2}");

    private final Site site;
    private final String baseUrl;
    private final Clock clock;
    private final HoursReader hours;
    private final ReviewReader reviews;

    PlaceReader(Site site, String baseUrl, Clock clock) {
        this.site = site;
        this.baseUrl = baseUrl;
        this.clock = clock;
        this.hours = new HoursReader(site.hours());
        this.reviews = new ReviewReader(site.reviews());
    }

    /**
     * Reads a place.
     *
     * @param data the array of the place, or null
     * @param document the visible document, or null
     * @param url of the page
     * @return null if there is none, for it has no name or nothing identifies it
     */
    @Nullable
    Reading read(@Nullable JsonNode data, @Nullable Document document, String url, boolean withReviews) {
        FieldValues values = new FieldValues(site, data, document, url);
        @Nullable String title = line(values, Field.TITLE, LONGEST_NAME);
        @Nullable FeatureId feature = values.first(Field.FEATURE_ID, FeatureId::parse);
        @Nullable
        String known =
                values.first(Field.PLACE_ID, text -> PLACE_ID.matcher(text).matches() ? text : null);
        if (title == null || (known == null && feature == null)) {
            return null;
        }
        String placeId = known != null || feature == null ? String.valueOf(known) : feature.placeId();
        List<String> categories = texts(values, Field.CATEGORIES, MOST_CATEGORIES);
        @Nullable String status = line(values, Field.STATUS, LONGEST_NAME);
        @Nullable List<Place.OpeningHours> openingHours = hours.read(data, document);
        values.note("hours", openingHours != null);
        @Nullable List<Place.Review> guests = withReviews ? reviews.read(data, document) : null;
        if (guests != null) {
            values.note("reviews", !guests.isEmpty());
        }
        List<String> images = images(values);
        Place place = new Place(
                title,
                link(values, url, placeId),
                categories.isEmpty() ? null : categories.getFirst(),
                rating(values),
                values.first(Field.REVIEW_COUNT, PlaceReader::count, Texts::count),
                values.first(Field.PRICE, Texts::priceLevel),
                line(values, Field.PHONE, 50),
                values.first(Field.WEBSITE, text -> Texts.url(text, baseUrl)),
                address(values, title),
                coordinates(values),
                says(status, site.closed().permanently()),
                says(status, site.closed().temporarily()),
                canBeClaimed(values, data),
                values.first(
                        Field.COUNTRY, text -> COUNTRY.matcher(text).matches() ? text.toUpperCase(Locale.ROOT) : null),
                placeId,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                openingHours,
                images.isEmpty() ? null : images,
                line(values, Field.PLUS_CODE, 100),
                guests,
                categories,
                null,
                null);
        return new Reading(place, values.filled());
    }

    private static @Nullable String line(FieldValues values, Field field, int longest) {
        return values.first(field, text -> Texts.line(text, longest));
    }

    private static List<String> texts(FieldValues values, Field field, int most) {
        FieldValues.OfText<String> reader = text -> Texts.line(text, LONGEST_NAME);
        return values.list(field, most, FieldValues.textual(reader), reader);
    }

    private List<String> images(FieldValues values) {
        FieldValues.OfText<String> reader = text -> Texts.url(text, baseUrl);
        return values.list(Field.IMAGES, site.place().mostImages(), FieldValues.textual(reader), reader);
    }

    private static @Nullable Double rating(FieldValues values) {
        return values.first(
                Field.RATING, node -> between(decimal(node), 1, 5), text -> between(Texts.decimal(text), 1, 5));
    }

    private static Place.Coordinates coordinates(FieldValues values) {
        return new Place.Coordinates(
                values.first(
                        Field.LATITUDE,
                        node -> between(decimal(node), -90, 90),
                        text -> between(Texts.decimal(text), -90, 90)),
                values.first(
                        Field.LONGITUDE,
                        node -> between(decimal(node), -180, 180),
                        text -> between(Texts.decimal(text), -180, 180)));
    }

    private static Place.Address address(FieldValues values, String title) {
        @Nullable String full = line(values, Field.FULL_ADDRESS, LONGEST_ADDRESS);
        String prefix = title + ", ";
        if (full != null && full.startsWith(prefix) && full.length() > prefix.length()) {
            full = full.substring(prefix.length()).strip();
        }
        return new Place.Address(
                line(values, Field.STREET, LONGEST_ADDRESS),
                line(values, Field.NEIGHBORHOOD, LONGEST_NAME),
                line(values, Field.CITY, LONGEST_NAME),
                line(values, Field.STATE, LONGEST_NAME),
                line(values, Field.POSTAL_CODE, 50),
                full);
    }

    /** The site's own link, else where the place was found, else a link by its id. */
    private String link(FieldValues values, String url, String placeId) {
        @Nullable String link = values.first(Field.LINK, text -> Texts.url(text, baseUrl));
        if (link != null) {
            return link;
        }
        @Nullable String page = site.place().at(url) ? Texts.url(url, baseUrl) : null;
        return page != null ? page : baseUrl + "/maps/place/?q=place_id:" + placeId;
    }

    /** A page that has data names the owner where there is one. */
    private static @Nullable Boolean canBeClaimed(FieldValues values, @Nullable JsonNode data) {
        boolean claimable = values.first(Field.CLAIM, text -> Texts.line(text, 10)) != null;
        boolean owned = values.first(Field.OWNER, text -> Texts.line(text, 10)) != null;
        return claimable ? Boolean.TRUE : owned ? Boolean.FALSE : data != null ? Boolean.TRUE : null;
    }

    private static @Nullable Boolean says(@Nullable String status, List<String> texts) {
        if (status == null) {
            return null;
        }
        String folded = Texts.folded(status);
        return texts.stream().anyMatch(text -> folded.contains(Texts.folded(text)));
    }

    static @Nullable Double decimal(JsonNode node) {
        return node.isNumber()
                ? Double.valueOf(node.doubleValue())
                : node.isTextual() ? Texts.decimal(node.textValue()) : null;
    }

    static @Nullable Integer count(JsonNode node) {
        if (node.isIntegralNumber()) {
            return node.canConvertToInt() && node.intValue() >= 0 ? node.intValue() : null;
        }
        return node.isTextual() ? Texts.count(node.textValue()) : null;
    }

    static @Nullable Double between(@Nullable Double value, double least, double most) {
        return value != null && value >= least && value <= most ? value : null;
    }
}
