package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is in arrays within arrays, such as {@code place[4][7]}; {@code [*]} stands for each element.
 *
 * @param root the name of the array that the first index counts in
 * @param indices from 0; negative for each element
 */
record IndexPath(String root, List<Integer> indices) {
    private static final int EACH = -1;
    private static final Pattern FORM = Pattern.compile("([a-z]+)((?:\\[(?:\\d{1,4}|\\*)\\]){1,20})");
    private static final Pattern INDEX = Pattern.compile("\\[(\\d+|\\*)\\]");

    IndexPath {
        indices = List.copyOf(indices);
    }

    /**
     * The path that a text spells.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static IndexPath valueOf(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no index path: write it as place[4][7], or place[13][*] for each element."
                            .formatted(text));
        }
        List<Integer> indices = new ArrayList<>();
        Matcher index = INDEX.matcher(form.group(2));
        while (index.find()) {
            indices.add(index.group(1).equals("*") ? EACH : Integer.parseInt(index.group(1)));
        }
        return new IndexPath(form.group(1), indices);
    }

    /** @throws IllegalArgumentException if it does not begin with that name */
    void requireRoot(String name) {
        if (!root.equals(name)) {
            throw new IllegalArgumentException("\"%s\" must begin with %s.".formatted(this, name));
        }
    }

    /** What is there and not null, at most so many values. */
    List<JsonNode> all(JsonNode array, int most) {
        List<JsonNode> found = new ArrayList<>();
        collect(array, 0, most, found);
        return found;
    }

    /** The first value that is there and not null, or null. */
    @Nullable
    JsonNode first(JsonNode array) {
        List<JsonNode> found = all(array, 1);
        return found.isEmpty() ? null : found.getFirst();
    }

    private void collect(JsonNode node, int depth, int most, List<JsonNode> found) {
        if (depth == indices.size()) {
            if (!node.isNull()) {
                found.add(node);
            }
            return;
        }
        if (!node.isArray()) {
            return;
        }
        int index = indices.get(depth);
        if (index != EACH) {
            if (index < node.size()) {
                collect(node.get(index), depth + 1, most, found);
            }
            return;
        }
        for (int each = 0; each < node.size() && found.size() < most; each++) {
            collect(node.get(each), depth + 1, most, found);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(root);
        indices.forEach(index ->
                text.append('[').append(index == EACH ? "*" : index.toString()).append(']'));
        return text.toString();
    }
}
