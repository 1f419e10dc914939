package io.bactrian.scrape.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.Assertions;

/** Shortcuts that tests of selectors share; JSON in them may use single quotes. */
final class Extracting {
    static final String BASE = "https://shop.example/list/page";

    private static final JsonMapper MAPPER = new JsonMapper();

    private Extracting() {}

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(text, malformed);
        }
    }

    /** A plan of one selector named x, given as JSON. */
    static SelectorPlan plan(String selector) {
        return SelectorPlan.compile(MAPPER.createObjectNode().set("x", json(selector)));
    }

    /** A plan of one selector named x, given as text. */
    static SelectorPlan textPlan(String selector) {
        return SelectorPlan.compile(MAPPER.createObjectNode().put("x", selector));
    }

    static PageSource html(String source) {
        return PageSource.html(source.getBytes(StandardCharsets.UTF_8), null, BASE);
    }

    static PageSource xml(String source) {
        return PageSource.xml(source.getBytes(StandardCharsets.UTF_8), null, BASE);
    }

    static PageSource jsonPage(String source) {
        return PageSource.json(source.getBytes(StandardCharsets.UTF_8), null, BASE);
    }

    /** The JSON text of the value x. */
    static String x(SelectorPlan plan, PageSource page) {
        String text = plan.extract(page);
        Assertions.assertThat(text).startsWith("{\"x\":").endsWith("}");
        return text.substring(5, text.length() - 1);
    }

    static List<Violation> violations(JsonNode selectors) {
        try {
            SelectorPlan.compile(selectors);
            return List.of();
        } catch (InvalidInputException invalid) {
            return invalid.violations();
        }
    }
}
