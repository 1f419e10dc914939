package io.bactrian.export;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Places as a table of what most people want of them. */
final class PlaceTable implements Tabulation<String> {
    private static final double NARROWEST = 8;

    private final List<Field> fields;
    private final List<Column> columns;
    private final PlaceFields values;

    private PlaceTable(List<Field> fields, List<Column> columns) {
        this.fields = fields;
        this.columns = columns;
        this.values = new PlaceFields(fields.stream().map(Field::path).toList());
    }

    /** The columns that the API documents, under the names that it documents. */
    static PlaceTable documented() {
        List<Field> fields = Arrays.stream(Field.values())
                .filter(field -> !field.documentedName.isEmpty())
                .toList();
        return new PlaceTable(
                fields,
                fields.stream()
                        .map(field -> Column.ofWidth(field.documentedName, field.widest))
                        .toList());
    }

    /** The same columns and, behind them, what was found on the websites of the places, under readable headings. */
    static PlaceTable readable() {
        List<Field> fields = List.of(Field.values());
        return new PlaceTable(
                fields,
                fields.stream()
                        .map(field -> new Column(field.heading, NARROWEST, field.widest))
                        .toList());
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Cell[] cells(String placeJson) {
        Map<String, Cell> found = values.read(placeJson);
        return fields.stream()
                .map(field -> field.cell(found.getOrDefault(field.path, Cell.EMPTY)))
                .toArray(Cell[]::new);
    }

    private enum Field {
        NAME("place_name", "Place name", "placeName", 45),
        CATEGORY("category", "Category", "category", 30),
        RATING("rating", "Rating", "totalReviewScore", 12),
        URL("url", "URL", "url", 40),
        REVIEW_COUNT("review_count", "Review count", "reviewCount", 14),
        PRICE_LEVEL("price_level", "Price level", "priceLevel", 12),
        PHONE("phone", "Phone", "phoneNumber", 24),
        WEBSITE("website", "Website", "website", 40),
        STREET("street", "Street", "address.street", 40),
        NEIGHBORHOOD("neighborhood", "Neighborhood", "address.neighborhood", 30),
        CITY("city", "City", "address.city", 30),
        STATE("state", "State", "address.state", 24),
        POSTAL_CODE("postal_code", "Postal code", "address.postalCode", 14),
        COUNTRY_CODE("country_code", "Country code", "countryCode", 14),
        FULL_ADDRESS("full_address", "Full address", "address.fullAddress", 60),
        LATITUDE("latitude", "Latitude", "coordinates.latitude", 14),
        LONGITUDE("longitude", "Longitude", "coordinates.longitude", 14),
        PLACE_ID("place_id", "Place ID", "placeId", 32),
        PERMANENTLY_CLOSED("permanently_closed", "Permanently closed", "permanentlyClosed", 20),
        TEMPORARILY_CLOSED("temporarily_closed", "Temporarily closed", "temporarilyClosed", 20),
        SCRAPED_AT("scraped_at", "Scraped at", "scrapedAt", 26),
        EMAILS("", "E-mails", "emails", 40),
        SOCIAL_LINKS("", "Social links", "socialLinks", 50);

        private final String documentedName;
        private final String heading;
        private final String path;
        private final double widest;

        Field(String documentedName, String heading, String path, double widest) {
            this.documentedName = documentedName;
            this.heading = heading;
            this.path = path;
            this.widest = widest;
        }

        private String path() {
            return path;
        }

        private Cell cell(Cell found) {
            if (found.kind() != Cell.Kind.TEXT) {
                return found;
            }
            return switch (this) {
                case URL, WEBSITE -> new Cell(Cell.Kind.LINK, found.text());
                case PHONE -> PhoneNumbers.cell(found.text());
                default -> found;
            };
        }
    }
}
