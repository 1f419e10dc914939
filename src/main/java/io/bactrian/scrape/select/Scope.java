package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/**
 * Where a selector is applied: the whole page, or one match of the selector whose field it is.
 *
 * @param element the matched element, or null when the scope is the page or a JSON node
 * @param json the matched JSON node, or null when the scope is the page or an element
 */
record Scope(
        Extraction extraction,
        @Nullable Element element,
        @Nullable JsonNode json) {

    static Scope page(Extraction extraction) {
        return new Scope(extraction, null, null);
    }

    PageSource page() {
        return extraction.page();
    }

    Budget budget() {
        return extraction.budget();
    }

    /** The element that markup selectors start at, or null for a page without markup. */
    @Nullable
    Element markup() {
        return element != null ? element : page().document();
    }
}
