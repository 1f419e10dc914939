package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/**
 * A step that changes an extracted value. It applies to texts; to a list it applies element by element; other values pass
 * unchanged.
 */
enum Transform {
    /** Without white space at both ends. */
    TRIM {
        @Override
        String ofText(String text, PageSource page) {
            return text.strip();
        }
    },
    /** The first number in the text, or null: see {@link NumberText}. */
    NUMBER {
        @Override
        @Nullable
        BigDecimal ofText(String text, PageSource page) {
            return NumberText.parse(text);
        }
    },
    /** The text as a URL, resolved against the page's base; null where that is no URL. */
    ABSOLUTE_URL {
        @Override
        @Nullable
        String ofText(String text, PageSource page) {
            Element link = new Element("a", "http://www.w3.org/1999/xhtml");
            link.setBaseUri(page.base());
            String absolute = link.attr("href", text.strip()).absUrl("href");
            return absolute.isEmpty() ? null : absolute.replace(" ", "%20");
        }
    },
    LOWERCASE {
        @Override
        String ofText(String text, PageSource page) {
            return text.toLowerCase(Locale.ROOT);
        }
    },
    UPPERCASE {
        @Override
        String ofText(String text, PageSource page) {
            return text.toUpperCase(Locale.ROOT);
        }
    },
    /** The normalised text of the value read as HTML. */
    STRIP_TAGS {
        @Override
        String ofText(String text, PageSource page) {
            if (text.length() > LONGEST_MARKUP) {
                throw new ExtractionException(
                        "strip_tags reads at most 1 MB of markup: make the selector more specific.");
            }
            return text.indexOf('<') < 0 && text.indexOf('&') < 0
                    ? text
                    : Jsoup.parseBodyFragment(text).text();
        }
    };

    /** A second parser is not held to the page's memory. */
    private static final int LONGEST_MARKUP = 1 << 20;

    /** The transformed text: a String, a BigDecimal or null. */
    abstract @Nullable Object ofText(String text, PageSource page);

    /** The name that clients write. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Nullable
    Object apply(@Nullable Object value, PageSource page) {
        if (value instanceof String text) {
            return ofText(text, page);
        }
        if (value instanceof ArrayNode list) {
            ArrayNode transformed = Json.MAPPER.createArrayNode();
            for (JsonNode element : list) {
                transformed.add(element.isTextual() ? node(ofText(element.textValue(), page)) : element);
            }
            return transformed;
        }
        return value;
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> NullNode.getInstance();
            case BigDecimal number -> Json.MAPPER.getNodeFactory().numberNode(number);
            default -> Json.MAPPER.getNodeFactory().textNode(value.toString());
        };
    }
}
