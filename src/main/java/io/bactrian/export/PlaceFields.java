package io.bactrian.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Those values of a place that somebody asks for, by their paths: names of members and numbers of elements, from 0, joined
 * by dots, such as {@code address.city} or {@code emails.0}.
 */
final class PlaceFields {
    private final Node root = new Node(null);

    PlaceFields(Collection<String> paths) {
        for (String path : paths) {
            Node node = root;
            for (String step : path.split("\\.", -1)) {
                node = node.children.computeIfAbsent(step, absent -> new Node(null));
            }
            node.path = path;
        }
    }

    /**
     * The values by path. What is null or absent is not among them; a list or object is the text of its plain values, with
     * commas between.
     */
    Map<String, Cell> read(String placeJson) {
        Map<String, Cell> found = new HashMap<>();
        try (JsonParser parser = StoredJson.parser(placeJson)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalStateException("A place cannot be exported: what is stored is no JSON object.");
            }
            read(parser, root, found);
        } catch (IOException cause) {
            // Not an IOException for the caller: it would look as if the reader of the file had gone.
            throw new IllegalStateException("A place cannot be exported: its stored JSON is malformed.", cause);
        }
        return found;
    }

    /** Reads the value at the parser; goes as deep as the paths go, and no deeper. */
    private static void read(JsonParser parser, Node node, Map<String, Cell> found) throws IOException {
        JsonToken token = parser.currentToken();
        if (token.isScalarValue()) {
            if (node.path != null && token != JsonToken.VALUE_NULL) {
                found.put(node.path, new Cell(kind(token), parser.getText()));
            }
            return;
        }
        boolean object = token == JsonToken.START_OBJECT;
        StringJoiner texts = new StringJoiner(", ");
        int index = 0;
        while (!endsStruct(parser.nextToken())) {
            String step = String.valueOf(index++);
            if (object) {
                step = parser.currentName();
                parser.nextToken();
            }
            JsonToken value = parser.currentToken();
            if (node.path != null && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                texts.add(parser.getText());
            }
            Node child = node.children.get(step);
            if (child == null) {
                parser.skipChildren();
            } else {
                read(parser, child, found);
            }
        }
        if (node.path != null && texts.length() > 0) {
            found.put(node.path, Cell.ofText(texts.toString()));
        }
    }

    private static boolean endsStruct(@Nullable JsonToken token) {
        return token == null || token.isStructEnd();
    }

    private static Cell.Kind kind(JsonToken token) {
        return token.isNumeric() ? Cell.Kind.NUMBER : token.isBoolean() ? Cell.Kind.BOOLEAN : Cell.Kind.TEXT;
    }

    /** A step of the paths. */
    private static final class Node {
        private final Map<String, Node> children = new HashMap<>();
        /** The path that ends here, or null. */
        private @Nullable String path;

        private Node(@Nullable String path) {
            this.path = path;
        }
    }
}
