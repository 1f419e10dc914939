package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON that is nothing but arrays in arrays, most of whose elements are null. */
final class JsonArrays {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonArrays() {}

    /** An array of these items: JSON, text, numbers or null. */
    static ArrayNode array(@Nullable Object... items) {
        ArrayNode array = JSON.createArrayNode();
        for (Object item : items) {
            array.add(node(item));
        }
        return array;
    }

    /** An array that has nulls before its only item. */
    static ArrayNode at(int index, @Nullable Object item) {
        ArrayNode array = JSON.createArrayNode();
        for (int before = 0; before < index; before++) {
            array.addNull();
        }
        return array.add(node(item));
    }

    static ArrayNode list(List<? extends @Nullable Object> items) {
        return array(items.toArray());
    }

    /** An array of a length, with nulls wherever {@code items} has nothing. */
    static ArrayNode sparse(int length, Map<Integer, ? extends JsonNode> items) {
        ArrayNode array = JSON.createArrayNode();
        for (int index = 0; index < length; index++) {
            JsonNode item = items.get(index);
            if (item == null) {
                array.addNull();
            } else {
                array.add(item);
            }
        }
        return array;
    }

    static JsonNode node(@Nullable Object value) {
        return value instanceof JsonNode json ? json : JSON.valueToTree(value);
    }

    /** A literal of JavaScript that may stand in a script element, whatever the text in it says. */
    static String literal(JsonNode value) {
        try {
            return JSON.writeValueAsString(value)
                    .replace("<", "\\u003c")
                    .replace("\u2028", "\\u2028")
                    .replace("\u2029", "\\u2029");
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("A tree of strings and numbers can always be written", impossible);
        }
    }
}
