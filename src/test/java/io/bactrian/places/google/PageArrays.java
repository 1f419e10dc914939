package io.bactrian.places.google;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;

/** Arrays within arrays, written by the paths of what is in them. */
final class PageArrays {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ArrayNode root = JSON.createArrayNode();

    /** A place that has what a place must have. */
    static PageArrays place() {
        return new PageArrays()
                .with("place[11]", "\"Zum Kamel\"")
                .with("place[10]", "\"0x1a:0x2b\"")
                .with("place[78]", "\"ChIJ0123456789\"");
    }

    /** The same, with all that a browser would wait for. */
    static PageArrays known() {
        return place().with("place[13]", "[\"Teehaus\"]")
                .with("place[18]", "\"Zum Kamel, Alter Hafen 1\"")
                .with("place[9]", "[null, null, 52.5, 13.25]")
                .with("place[4][7]", "4.5")
                .with("place[4][8]", "12");
    }

    PageArrays with(String path, String json) {
        JsonNode node = root;
        IndexPath where = IndexPath.valueOf(path);
        for (int depth = 0; depth < where.indices().size(); depth++) {
            ArrayNode array = (ArrayNode) node;
            int index = where.indices().get(depth);
            while (array.size() <= index) {
                array.addNull();
            }
            boolean last = depth == where.indices().size() - 1;
            if (last) {
                array.set(index, json(json));
            } else if (!array.get(index).isArray()) {
                array.set(index, JSON.createArrayNode());
            }
            node = array.get(index);
        }
        return this;
    }

    ArrayNode array() {
        return root;
    }

    /** A text as JSON. */
    static String text(String text) {
        return JSON.valueToTree(text).toString();
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }
}
