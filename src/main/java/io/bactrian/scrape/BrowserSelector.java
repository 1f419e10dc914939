package io.bactrian.scrape;

import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.jspecify.annotations.Nullable;

/** A selector for an element of a page in the browser: CSS, or XPath after {@code xpath:}. */
public final class BrowserSelector {
    private static final String XPATH = "xpath:";

    private BrowserSelector() {}

    /** What is wrong with a selector, as far as it shows without a browser; null if nothing does. */
    public static @Nullable String problem(String selector) {
        String text = selector.startsWith(XPATH) ? selector.substring(XPATH.length()) : selector;
        if (text.isBlank()) {
            return "must not be blank";
        }
        if (text.contains(">>")) {
            return "must be one selector: >> does not join selectors here";
        }
        if (!selector.startsWith(XPATH)) {
            return null;
        }
        try {
            XPathFactory.newDefaultInstance().newXPath().compile(text);
            return null;
        } catch (XPathExpressionException broken) {
            return "is not a valid XPath";
        }
    }

    /** The selector as Playwright's own engines for CSS and XPath take it, and no other of them does. */
    public static String forPlaywright(String selector) {
        return selector.startsWith(XPATH) ? "xpath=" + selector.substring(XPATH.length()) : "css=" + selector;
    }
}
