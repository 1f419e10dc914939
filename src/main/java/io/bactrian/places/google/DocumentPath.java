package io.bactrian.places.google;

import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is in a visible document.
 *
 * @param attribute of the elements that has it, or null for their text
 * @param pattern the part of that which is meant, or null for all of it
 */
record DocumentPath(
        CssSelector selector,
        @Nullable String attribute,
        @Nullable TextPattern pattern) {
    private static final int LONGEST = 10_000;

    DocumentPath {
        Settings.require(selector, "selector");
    }

    /** What is there and not empty, at most so many texts. */
    List<String> all(Element root, int most) {
        List<String> found = new ArrayList<>();
        for (Element element : selector.in(root)) {
            if (found.size() >= most) {
                break;
            }
            String text = attribute == null ? element.text() : element.attr(attribute);
            @Nullable String part = pattern == null ? text : pattern.in(cut(text));
            if (part != null && !part.isBlank()) {
                found.add(cut(part));
            }
        }
        return found;
    }

    /** The first text that is there and not empty, or null. */
    @Nullable
    String first(Element root) {
        List<String> found = all(root, 1);
        return found.isEmpty() ? null : found.getFirst();
    }

    private static String cut(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
