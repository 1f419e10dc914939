package io.bactrian.places.openstreetmap;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Overpass has answered.
 *
 * @param knowsArea whether the area that was asked for exists
 * @param error why there are not all elements, or null where there are
 */
record OverpassAnswer(
        List<Element> elements, boolean knowsArea, @Nullable String error) {
    /** Names of members are the sender's choice, so they are not kept in tables. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private static final Set<String> TYPES = Set.of("node", "way", "relation");
    private static final int MOST_TAGS = 300;

    /**
     * Reads an answer token by token, so that it takes no more memory than the elements wanted. What is not as it should be
     * within an element costs that element or less.
     *
     * @param most how many elements are kept
     * @throws IOException if it is not an object of JSON
     */
    static OverpassAnswer read(byte[] body, int most) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object of JSON");
            }
            Reader reader = new Reader(parser, most);
            reader.read();
            if (!reader.complete) {
                throw new IOException("no elements");
            }
            return new OverpassAnswer(reader.elements, reader.knowsArea, reader.error);
        }
    }

    private static final class Reader {
        private final JsonParser parser;
        private final int most;
        private final List<Element> elements = new ArrayList<>();
        private boolean knowsArea;
        private boolean complete;
        private @Nullable String error;

        Reader(JsonParser parser, int most) {
            this.parser = parser;
            this.most = most;
        }

        void read() throws IOException {
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (member.equals("elements") && value == JsonToken.START_ARRAY) {
                    readElements();
                    complete = true;
                } else if (member.equals("remark") && value == JsonToken.VALUE_STRING) {
                    error = parser.getText().startsWith("runtime error") ? parser.getText() : null;
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void readElements() throws IOException {
            for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
                if (token == JsonToken.START_OBJECT && elements.size() < most) {
                    readElement();
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void readElement() throws IOException {
            String type = "";
            long id = 0;
            Coordinates coordinates = new Coordinates();
            Map<String, String> tags = Map.of();
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (member) {
                    case "type" -> type = value == JsonToken.VALUE_STRING ? parser.getText() : "";
                    case "id" -> id = isLong(value) ? parser.getLongValue() : 0;
                    case "tags" -> tags = value == JsonToken.START_OBJECT ? readTags() : Map.of();
                    case "center" -> readCenter(value, coordinates);
                    default -> coordinates.read(parser, member, value);
                }
                // What was of the wrong type is still to be passed.
                parser.skipChildren();
            }
            if (type.equals("area")) {
                knowsArea = true;
            } else if (TYPES.contains(type) && id > 0) {
                elements.add(
                        new Element(type, id, coordinates.within("lat", 90), coordinates.within("lon", 180), tags));
            }
        }

        private void readCenter(JsonToken value, Coordinates coordinates) throws IOException {
            if (value != JsonToken.START_OBJECT) {
                return;
            }
            for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
                coordinates.read(parser, member, parser.nextToken());
                parser.skipChildren();
            }
        }

        private Map<String, String> readTags() throws IOException {
            Map<String, String> tags = new LinkedHashMap<>();
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    String value = TagText.of(parser.getText());
                    if (!value.isEmpty() && tags.size() < MOST_TAGS) {
                        tags.put(key, value);
                    }
                }
                parser.skipChildren();
            }
            return tags;
        }

        private boolean isLong(JsonToken value) throws IOException {
            return value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        }

        private JsonToken next() throws IOException {
            JsonToken token = parser.nextToken();
            if (token == null) {
                throw new IOException("the end is missing");
            }
            return token;
        }
    }

    private static final class Coordinates {
        private final Map<String, Double> degrees = new LinkedHashMap<>();

        void read(JsonParser parser, String name, JsonToken value) throws IOException {
            if ((name.equals("lat") || name.equals("lon")) && value.isNumeric()) {
                degrees.put(name, parser.getDoubleValue());
            }
        }

        @Nullable
        Double within(String name, double limit) {
            Double value = degrees.get(name);
            return value != null && Math.abs(value) <= limit ? value : null;
        }
    }
}
