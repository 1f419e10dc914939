package io.bactrian.scrape.browser;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages of the Chrome DevTools Protocol. */
final class Json {
    private Json() {}

    /** An object of these members. */
    static JsonObject object(Object... namesAndValues) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.add(String.valueOf(namesAndValues[i]), element(namesAndValues[i + 1]));
        }
        return object;
    }

    static JsonArray array(Iterable<? extends Object> values) {
        JsonArray array = new JsonArray();
        values.forEach(value -> array.add(element(value)));
        return array;
    }

    private static JsonElement element(Object value) {
        return switch (value) {
            case JsonElement element -> element;
            case String text -> new JsonPrimitive(text);
            case Boolean flag -> new JsonPrimitive(flag);
            case Number number -> new JsonPrimitive(number);
            default -> throw new IllegalArgumentException("no such value: " + value.getClass());
        };
    }

    /** The text of a member, or null where it is missing. */
    static @Nullable String text(JsonObject object, String name) {
        @Nullable JsonElement member = object.get(name);
        return member == null || !member.isJsonPrimitive() ? null : member.getAsString();
    }

    /** The fields of a list of objects that have a name and a value. */
    static List<Map.Entry<String, String>> fields(@Nullable JsonElement list) {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        if (list != null && list.isJsonArray()) {
            for (JsonElement field : list.getAsJsonArray()) {
                @Nullable String name = text(field.getAsJsonObject(), "name");
                @Nullable String value = text(field.getAsJsonObject(), "value");
                if (name != null && value != null) {
                    fields.add(Map.entry(name, value));
                }
            }
        }
        return fields;
    }

    static JsonArray list(List<Map.Entry<String, String>> fields) {
        return array(fields.stream()
                .map(field -> object("name", field.getKey(), "value", field.getValue()))
                .toList());
    }
}
