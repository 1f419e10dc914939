package io.bactrian.places.openstreetmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the words of searches mean in the tags of OpenStreetMap, from {@code config/places/openstreetmap.yaml}.
 *
 * @param tags conditions with the words that ask for them
 * @param ignoredWords words that say nothing about a place
 */
@ConfigurationProperties("bactrian.places.openstreetmap")
record SearchTags(
        @DefaultValue List<Tagged> tags, @DefaultValue List<String> ignoredWords) {

    /**
     * Words that ask for the same tags.
     *
     * @param tag one or more conditions, separated by commas, all of which have to be met; see {@link TagFilter#parse}
     * @param words or phrases, of which case and accents do not matter
     */
    record Tagged(String tag, List<String> words) {
        List<TagFilter> filters() {
            return Arrays.stream(tag.split(",", -1)).map(TagFilter::parse).toList();
        }
    }

    /**
     * The table by phrase: conditions of which an element must meet all of one list.
     *
     * @throws IllegalArgumentException if a tag of the configuration cannot be understood
     */
    Map<String, List<List<TagFilter>>> byPhrase() {
        Map<String, List<List<TagFilter>>> table = new HashMap<>();
        for (Tagged entry : tags) {
            List<TagFilter> filters;
            try {
                filters = entry.filters();
            } catch (IllegalArgumentException unusable) {
                throw new IllegalArgumentException(
                        "bactrian.places.openstreetmap.tags: " + unusable.getMessage()
                                + " Correct it in config/places/openstreetmap.yaml.",
                        unusable);
            }
            for (String phrase : entry.words()) {
                table.computeIfAbsent(String.join(" ", Words.of(phrase)), absent -> new ArrayList<>())
                        .add(filters);
            }
        }
        return table;
    }
}
