package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.JsonPathException;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSONPath over a JSON page, over the array of a page's JSON-LD objects, or over a matched JSON node.
 *
 * <p>A path that leads to one array finds that array; with {@code all} or {@code fields} it finds its elements.
 */
final class JsonPathQuery implements Query {
    private static final int MAXIMAL_SCANS = 2;
    private static final JacksonMappingProvider MAPPING = new JacksonMappingProvider(Json.MAPPER);

    private final String path;
    private final boolean overJsonLd;
    private final boolean definite;
    private final boolean spread;

    private JsonPathQuery(String path, boolean overJsonLd, boolean definite, boolean spread) {
        this.path = path;
        this.overJsonLd = overJsonLd;
        this.definite = definite;
        this.spread = spread;
    }

    static JsonPathQuery compile(String path, boolean overJsonLd, boolean spread) throws SelectorSyntaxException {
        String bare = Unquoted.of(path);
        if (bare.contains("=~")) {
            throw SelectorSyntaxException.refused(
                    path, "JSONPath", "filters with regular expressions (=~) are not supported.");
        }
        if (bare.split("\\.\\.", -1).length - 1 > MAXIMAL_SCANS) {
            throw SelectorSyntaxException.refused(path, "JSONPath", "at most " + MAXIMAL_SCANS + " '..' are allowed.");
        }
        try {
            return new JsonPathQuery(path, overJsonLd, JsonPath.compile(path).isDefinite(), spread);
        } catch (RuntimeException | StackOverflowError refused) {
            String why = refused instanceof InvalidPathException ? refused.getMessage() : null;
            throw SelectorSyntaxException.refused(path, "JSONPath", why);
        }
    }

    /** Whether it reads JSON-LD in markup instead of JSON pages. */
    boolean overJsonLd() {
        return overJsonLd;
    }

    @Override
    public List<Match> matches(Scope scope, Wanted wanted) {
        JsonNode root = root(scope);
        JsonNode found = root == null ? null : read(root, scope.budget());
        if (found == null) {
            return List.of();
        }
        boolean several = !definite || spread || wanted == Wanted.ALL;
        if (several && found instanceof ArrayNode array) {
            List<Match> matches = new ArrayList<>(array.size());
            for (JsonNode each : array) {
                matches.add(new Match.OfJson(each));
            }
            return matches;
        }
        return List.of(new Match.OfJson(found));
    }

    @Nullable
    private JsonNode root(Scope scope) {
        if (scope.json() != null) {
            return scope.json();
        }
        return overJsonLd ? scope.page().jsonLd() : scope.page().json();
    }

    @Nullable
    private JsonNode read(JsonNode root, Budget budget) {
        Configuration configuration = Configuration.builder()
                .jsonProvider(new MeteredProvider(budget))
                .mappingProvider(MAPPING)
                .build();
        try {
            // Compiled each time: Jayway's compiled paths change while they are evaluated.
            Object found = JsonPath.compile(path).read(root, configuration);
            return found instanceof JsonNode node ? node : found == null ? null : Json.MAPPER.valueToTree(found);
        } catch (ExtractionException exceeded) {
            throw exceeded;
        } catch (JsonPathException missing) {
            return null;
        } catch (RuntimeException failed) {
            throw new ExtractionException("the JSONPath cannot be evaluated on this page.", failed);
        }
    }

    /** Charges for every step through the tree and bounds the results. */
    private static final class MeteredProvider extends JacksonJsonNodeJsonProvider {
        private final Budget budget;

        MeteredProvider(Budget budget) {
            super(Json.MAPPER);
            this.budget = budget;
        }

        @Override
        public boolean isMap(@Nullable Object value) {
            budget.charge(1);
            return super.isMap(value);
        }

        @Override
        public boolean isArray(@Nullable Object value) {
            budget.charge(1);
            return super.isArray(value);
        }

        @Override
        public Object getMapValue(Object object, String key) {
            budget.charge(1);
            return super.getMapValue(object, key);
        }

        @Override
        public void setArrayIndex(Object array, int index, @Nullable Object value) {
            if (index > Extraction.MAXIMAL_VALUES) {
                throw Extraction.tooManyValues();
            }
            super.setArrayIndex(array, index, value);
        }
    }
}
