package io.bactrian.places.openstreetmap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where places are searched: a bounding box in degrees, and the area within it where that is known.
 *
 * @param area Overpass's id of the area, or null to search the whole box
 * @param country ISO 3166-1 alpha-2, or null where it is not known
 */
record Region(
        @Nullable Long area,
        double south,
        double west,
        double north,
        double east,
        @Nullable String country) {
    /** What Overpass adds to the id of a relation to name the area that it encloses. */
    private static final long AREA_OF_RELATION = 3_600_000_000L;

    private static final long LARGEST_ID = 1_000_000_000_000L;

    /** An address is a point; people who name one mean what is around it, about a kilometre. */
    private static final double LEAST_EXTENT = 0.01;

    private static final Pattern COUNTRY = Pattern.compile("[A-Za-z]{2}");
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A location as Nominatim describes it ({@code format=jsonv2}).
     *
     * @throws IOException if it has no place on earth
     */
    static Region located(JsonNode location) throws IOException {
        double latitude = number(location.path("lat"));
        double longitude = number(location.path("lon"));
        JsonNode box = location.path("boundingbox");
        @Nullable Long area = area(location);
        Region region = new Region(
                area,
                box.isArray() ? number(box.path(0)) : latitude,
                box.isArray() ? number(box.path(2)) : longitude,
                box.isArray() ? number(box.path(1)) : latitude,
                box.isArray() ? number(box.path(3)) : longitude,
                countryCode(location.path("address").path("country_code").asText("")));
        region.checked();
        return area == null ? region.widened() : region;
    }

    /** @throws IOException if the target of a step is not one that {@link #toTarget()} made */
    static Region of(String target) throws IOException {
        Region region = JSON.readValue(target, Region.class);
        if (region == null) {
            throw new IOException("no region");
        }
        return region.checked();
    }

    String toTarget() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The whole box. */
    Region withoutArea() {
        return new Region(null, south, west, north, east, country);
    }

    /** The code of a country in upper case, or null where the text is none. */
    static @Nullable String countryCode(String text) {
        return COUNTRY.matcher(text).matches() ? text.toUpperCase(Locale.ROOT) : null;
    }

    /** Only boundaries have areas that are worth more than their box. */
    private static @Nullable Long area(JsonNode location) {
        String category =
                location.path("category").asText(location.path("class").asText(""));
        long id = location.path("osm_id").asLong();
        boolean encloses = location.path("osm_type").asText("").equals("relation")
                && (category.equals("boundary") || category.equals("place"));
        return encloses && id > 0 && id < LARGEST_ID ? AREA_OF_RELATION + id : null;
    }

    private Region widened() {
        double latitude = Math.max(0, LEAST_EXTENT - (north - south) / 2);
        double longitude = Math.max(0, LEAST_EXTENT - (east - west) / 2);
        return new Region(
                area,
                Math.max(-90, south - latitude),
                Math.max(-180, west - longitude),
                Math.min(90, north + latitude),
                Math.min(180, east + longitude),
                country);
    }

    private Region checked() throws IOException {
        boolean valid = south >= -90 && south <= north && north <= 90 && west >= -180 && west <= east && east <= 180;
        if (!valid) {
            throw new IOException("a bounding box that is none");
        }
        return this;
    }

    private static double number(JsonNode node) throws IOException {
        try {
            return Double.parseDouble(node.asText());
        } catch (NumberFormatException none) {
            throw new IOException("a coordinate that is no number", none);
        }
    }
}
