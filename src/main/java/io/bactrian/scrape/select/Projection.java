package io.bactrian.scrape.select;

import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/** What of a match is the value. */
sealed interface Projection {

    /** The value, a String or JsonNode, or null where the match has none. */
    @Nullable
    default Object of(Match match) {
        return switch (match) {
            case Match.OfElement found -> ofElement(found.element());
            case Match.OfText found -> found.text();
            case Match.OfJson found -> found.json().isTextual() ? found.json().textValue() : found.json();
        };
    }

    @Nullable
    String ofElement(Element element);

    /** The text with white space collapsed and trimmed. */
    record Text() implements Projection {
        @Override
        public String ofElement(Element element) {
            return element.text();
        }
    }

    /** The inner HTML as it was parsed. */
    record Html() implements Projection {
        @Override
        public String ofElement(Element element) {
            return element.html();
        }
    }

    /** An attribute as written. */
    record Attribute(String name) implements Projection {
        @Override
        public @Nullable String ofElement(Element element) {
            return element.hasAttr(name) ? element.attr(name) : null;
        }
    }
}
