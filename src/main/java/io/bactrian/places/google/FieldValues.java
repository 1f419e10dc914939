package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;

/**
 * The values of one place's fields: of each the first usable one in the order of its sources. It remembers which were found.
 */
final class FieldValues {
    private final Site site;
    private final @Nullable JsonNode data;
    private final @Nullable Document document;
    private final String url;
    private final Map<String, Boolean> filled = new TreeMap<>();

    FieldValues(Site site, @Nullable JsonNode data, @Nullable Document document, String url) {
        this.site = site;
        this.data = data;
        this.document = document;
        this.url = url;
    }

    /** Takes a value of the data for what it is, or not. */
    interface OfData<T> {
        @Nullable
        T take(JsonNode node);
    }

    /** Takes a text of a URL or a document for what it is, or not. */
    interface OfText<T> {
        @Nullable
        T take(String text);
    }

    /** Only what is a text counts as one. */
    static <T> OfData<T> textual(OfText<T> reader) {
        return node -> node.isTextual() ? reader.take(node.textValue()) : null;
    }

    <T> @Nullable T first(Field field, OfText<T> reader) {
        return first(field, textual(reader), reader);
    }

    <T> @Nullable T first(Field field, OfData<T> ofData, OfText<T> ofText) {
        List<T> found = list(field, 1, ofData, ofText);
        return found.isEmpty() ? null : found.getFirst();
    }

    /** All the values of the first source that has any, each once. */
    <T> List<T> list(Field field, int most, OfData<T> ofData, OfText<T> ofText) {
        List<T> found = look(site.sources(field), most, ofData, ofText);
        note(field.key(), !found.isEmpty());
        return found;
    }

    void note(String field, boolean there) {
        filled.put(field, there);
    }

    /** Which fields were found, by their keys. */
    Map<String, Boolean> filled() {
        return filled;
    }

    private <T> List<T> look(FieldSources sources, int most, OfData<T> ofData, OfText<T> ofText) {
        Set<T> found = new LinkedHashSet<>();
        if (data != null) {
            for (IndexPath path : sources.data()) {
                path.all(data, most).forEach(node -> add(ofData.take(node), found));
                if (!found.isEmpty()) {
                    return new ArrayList<>(found);
                }
            }
        }
        for (TextPattern pattern : sources.url()) {
            @Nullable String part = pattern.in(url);
            add(part == null ? null : ofText.take(part), found);
            if (!found.isEmpty()) {
                return new ArrayList<>(found);
            }
        }
        if (document != null) {
            for (DocumentPath path : sources.document()) {
                path.all(document, most).forEach(text -> add(ofText.take(text), found));
                if (!found.isEmpty()) {
                    return new ArrayList<>(found);
                }
            }
        }
        return List.of();
    }

    private static <T> void add(@Nullable T value, Set<T> found) {
        if (value != null) {
            found.add(value);
        }
    }
}
