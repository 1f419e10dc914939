package io.bactrian.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.bactrian.places.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Places and the formats of the configuration, for the tests of this room. */
final class Places {
    static final PlaceFormats FORMATS = PlaceFormats.of(Path.of("config", "exports"));

    static final JsonMapper MAPPER = JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    /** A place of which everything is known. */
    static final String FULL = json(new Place(
            "Joe's \"Pizza\", Käse & Co",
            "https://maps.example/maps/place/Joe/data=!4m7!3m6?hl=en&x=1",
            "Pizza restaurant",
            4.5,
            234,
            2,
            "(212) 366-1182",
            "https://joes.example/menu",
            new Place.Address(
                    "124 Fulton St",
                    "Two Bridges",
                    "New York",
                    "NY",
                    "00501",
                    "124 Fulton St, New York, NY 00501, United States"),
            new Place.Coordinates(40.7074, -74.0023),
            false,
            true,
            false,
            "US",
            "ChIJoQ2tL7ZawokRYnrwPJB7AW0",
            Instant.parse("2026-02-21T16:04:30.123Z"),
            List.of(new Place.OpeningHours("Monday", List.of("9 AM–5 PM"))),
            List.of("https://images.example/1.jpg"),
            "PX5W+XQ New York",
            List.of(new Place.Review("r1", "A. Guest", 5, "Good.", Instant.parse("2026-01-02T03:04:05Z"))),
            List.of("Pizza restaurant", "Restaurant"),
            List.of("joe@joes.example", "info@joes.example"),
            socialLinks()));

    /** A place of which nothing is known that need not be. */
    static final String BARE = """
            {"placeName":null,"url":null,"category":null,"totalReviewScore":null,"reviewCount":null,"priceLevel":null,
            "phoneNumber":null,"website":null,"address":{"street":null,"city":null},"coordinates":{"latitude":null},
            "countryCode":null,"placeId":"bare-1","scrapedAt":"2026-02-21T16:04:30.123Z","categories":[]}""";

    private Places() {}

    private static Map<String, String> socialLinks() {
        Map<String, String> links = new LinkedHashMap<>();
        links.put("facebook", "https://facebook.example/joes");
        links.put("instagram", "https://instagram.example/joes");
        return links;
    }

    static String json(Object place) {
        try {
            return MAPPER.writeValueAsString(place);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A place with these members, each a name and a value that becomes JSON. */
    static String with(Object... namesAndValues) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int index = 0; index < namesAndValues.length; index += 2) {
            members.put((String) namesAndValues[index], namesAndValues[index + 1]);
        }
        members.putIfAbsent("placeId", "some-1");
        return json(members);
    }

    static byte[] export(String format, String... places) throws IOException {
        return export(FORMATS, format, places);
    }

    static byte[] export(PlaceFormats formats, String format, String... places) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PlaceSink sink = formats.find(format).orElseThrow().open(out)) {
            for (String place : places) {
                sink.write(place);
            }
        }
        return out.toByteArray();
    }

    static String text(String format, String... places) throws IOException {
        return new String(export(format, places), UTF_8);
    }

    /** The first place of a CSV file, by heading. */
    static Map<String, String> row(String format, String place) throws IOException {
        List<CsvRecord> records;
        try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(text(format, place))) {
            records = reader.stream().toList();
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (int column = 0; column < records.get(0).getFieldCount(); column++) {
            row.put(records.get(0).getField(column), records.get(1).getField(column));
        }
        return row;
    }
}
