package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A selector as a client wrote it, with the types of its members checked.
 *
 * @param selector the text, empty where it was left out
 * @param type the name of its type, or null where it was left out
 * @param missing the {@code default}, or null
 */
record SelectorForm(
        String selector,
        @Nullable String type,
        @Nullable String attribute,
        boolean all,
        boolean html,
        @Nullable JsonNode missing,
        List<Transform> transforms,
        @Nullable JsonNode fields) {

    private static final Set<String> KEYS =
            Set.of("selector", "type", "attribute", "all", "html", "default", "transform", "fields");
    private static final String KEYS_SHOWN = "selector, type, attribute, all, html, default, transform, fields";
    private static final String TRANSFORMS_SHOWN =
            Arrays.stream(Transform.values()).map(Transform::label).collect(Collectors.joining(", "));
    /** Stands for a text that was refused, so that the rest can be checked: right in every language. */
    private static final String HARMLESS = "a";

    private static final int MAXIMAL_LENGTH = 2_000;
    private static final int MAXIMAL_TRANSFORMS = 20;

    /**
     * Reads the text or the object form.
     *
     * @param refuse takes the field and what is wrong with it
     * @return null where it is neither
     */
    static @Nullable SelectorForm read(JsonNode node, String field, BiConsumer<String, String> refuse) {
        return new Reader(field, refuse).read(node);
    }

    private record Reader(String field, BiConsumer<String, String> refuse) {

        @Nullable
        SelectorForm read(JsonNode node) {
            if (node.isTextual()) {
                return new SelectorForm(
                        checkedLength(node.textValue(), field), null, null, false, false, null, List.of(), null);
            }
            if (!node.isObject()) {
                refuse.accept(field, "Must be a selector text or an object.");
                return null;
            }
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                String key = member.getKey();
                if (!KEYS.contains(key)) {
                    String shown = key.length() > 64 ? key.substring(0, 64) + "…" : key;
                    refuse.accept(field + "." + shown, "Unknown key '" + shown + "': use " + KEYS_SHOWN + ".");
                }
            }
            String selector = text(node, "selector");
            JsonNode missing = node.get("default");
            return new SelectorForm(
                    selector == null ? "" : checkedLength(selector, field + ".selector"),
                    text(node, "type"),
                    attribute(node),
                    flag(node, "all"),
                    flag(node, "html"),
                    missing == null || missing.isNull() ? null : missing,
                    transforms(node),
                    member(node, "fields"));
        }

        private String checkedLength(String text, String where) {
            if (text.length() <= MAXIMAL_LENGTH) {
                return text;
            }
            refuse.accept(where, "Must not have more than " + MAXIMAL_LENGTH + " characters.");
            return HARMLESS;
        }

        private @Nullable JsonNode member(JsonNode node, String key) {
            JsonNode value = node.get(key);
            return value == null || value.isNull() ? null : value;
        }

        private @Nullable String text(JsonNode node, String key) {
            JsonNode value = member(node, key);
            if (value == null || value.isTextual()) {
                return value == null ? null : value.textValue();
            }
            refuse.accept(field + "." + key, "Must be a text.");
            return key.equals("type") ? null : HARMLESS;
        }

        private boolean flag(JsonNode node, String key) {
            JsonNode value = member(node, key);
            if (value != null && !value.isBoolean()) {
                refuse.accept(field + "." + key, "Must be true or false.");
            }
            return value != null && value.booleanValue();
        }

        private @Nullable String attribute(JsonNode node) {
            String attribute = text(node, "attribute");
            if (attribute != null && !SelectorText.isAttributeName(attribute)) {
                refuse.accept(field + ".attribute", "Must be the name of an attribute, such as href.");
            }
            return attribute;
        }

        private List<Transform> transforms(JsonNode node) {
            JsonNode list = member(node, "transform");
            List<Transform> transforms = new ArrayList<>();
            if (list == null) {
                return transforms;
            }
            if (!list.isArray() || list.size() > MAXIMAL_TRANSFORMS) {
                refuse.accept(
                        field + ".transform",
                        "Must be a list of up to " + MAXIMAL_TRANSFORMS + " of " + TRANSFORMS_SHOWN + ".");
                return transforms;
            }
            for (int i = 0; i < list.size(); i++) {
                Transform transform = transform(list.get(i));
                if (transform == null) {
                    refuse.accept(field + ".transform[" + i + "]", "Must be one of " + TRANSFORMS_SHOWN + ".");
                } else {
                    transforms.add(transform);
                }
            }
            return transforms;
        }

        private static @Nullable Transform transform(JsonNode node) {
            for (Transform transform : Transform.values()) {
                if (transform.label().equals(node.textValue())) {
                    return transform;
                }
            }
            return null;
        }
    }
}
