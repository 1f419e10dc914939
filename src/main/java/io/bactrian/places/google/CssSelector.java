package io.bactrian.places.google;

import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.select.Elements;
import org.jsoup.select.Evaluator;
import org.jsoup.select.QueryParser;
import org.jsoup.select.Selector.SelectorParseException;

/**
 * A CSS selector that browsers and jsoup both understand.
 *
 * @param text as it is written
 */
record CssSelector(String text, Evaluator evaluator) {
    private static final Pattern OF_JSOUP_ALONE = Pattern.compile(
            ":(?:contains|matches|eq\\(|lt\\(|gt\\(|matchText)|\\[\\^|~=\\s*[^\"'\\s\\w]", Pattern.CASE_INSENSITIVE);

    /**
     * The selector that a text spells.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static CssSelector valueOf(String text) {
        if (OF_JSOUP_ALONE.matcher(text).find()) {
            throw new IllegalArgumentException("\"" + text + "\" is no selector of standard CSS.");
        }
        try {
            return new CssSelector(text, QueryParser.parse(text));
        } catch (SelectorParseException | IllegalArgumentException wrong) {
            throw new IllegalArgumentException("\"" + text + "\" is no CSS selector: " + wrong.getMessage(), wrong);
        }
    }

    Elements in(Element element) {
        return element.select(evaluator);
    }

    Elements in(Document document) {
        return document.select(evaluator);
    }

    @Override
    public String toString() {
        return text;
    }
}
