package io.bactrian.places.google;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Finds the array of a place in a variable of its page. */
final class PageData {
    private static final int DEEPEST = 200;
    private static final int LONGEST_NUMBER = 100;
    private static final int DEEPEST_TEXT = 6;
    private static final int MOST_LOOKED_AT = 20_000;
    private static final int MOST_TEXTS = 10;

    private final Site site;
    private final ObjectMapper json;

    private record Level(JsonNode node, int depth) {}

    PageData(Site site) {
        this.site = site;
        this.json = new ObjectMapper(JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxNumberLength(LONGEST_NUMBER)
                        .maxStringLength((int) site.place().largestData().toBytes())
                        .build())
                .build());
    }

    /**
     * The array of the place that the page is about.
     *
     * @param variable the JSON of the variable, or null
     * @param meant the place that the page's URL names, or null where it names none
     * @return null if there is none, or it is of another place
     */
    @Nullable
    JsonNode place(@Nullable String variable, @Nullable FeatureId meant) {
        @Nullable JsonNode root = variable == null ? null : parse(variable);
        if (root == null) {
            return null;
        }
        Deque<Level> waiting = new ArrayDeque<>();
        waiting.add(new Level(root, 0));
        int texts = 0;
        for (int looked = 0; looked < MOST_LOOKED_AT && texts < MOST_TEXTS && !waiting.isEmpty(); looked++) {
            Level level = waiting.remove();
            JsonNode node = level.node();
            if (node.isTextual() && node.textValue().startsWith(site.place().prefix())) {
                texts++;
                @Nullable
                JsonNode page =
                        parse(node.textValue().substring(site.place().prefix().length()));
                @Nullable JsonNode place = page == null ? null : in(page, meant);
                if (place != null) {
                    return place;
                }
            } else if (node.isContainerNode() && level.depth() < DEEPEST_TEXT) {
                int most = MOST_LOOKED_AT - waiting.size();
                for (JsonNode inner : node) {
                    if (most-- <= 0) {
                        break;
                    }
                    waiting.add(new Level(inner, level.depth() + 1));
                }
            }
        }
        return null;
    }

    private @Nullable JsonNode in(JsonNode page, @Nullable FeatureId meant) {
        for (IndexPath path : site.place().places()) {
            @Nullable JsonNode place = path.first(page);
            if (place != null && place.isArray() && isMeant(place, meant)) {
                return place;
            }
        }
        return null;
    }

    private boolean isMeant(JsonNode place, @Nullable FeatureId meant) {
        FieldValues values = new FieldValues(site, place, null, "");
        if (values.first(Field.TITLE, text -> Texts.line(text, 1)) == null) {
            return false;
        }
        @Nullable FeatureId feature = values.first(Field.FEATURE_ID, FeatureId::parse);
        return meant == null || feature == null || feature.means(meant);
    }

    private @Nullable JsonNode parse(String text) {
        try {
            JsonNode parsed = json.readTree(text);
            return parsed.isMissingNode() ? null : parsed;
        } catch (JsonProcessingException broken) {
            return null;
        }
    }
}
