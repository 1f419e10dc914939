package io.bactrian.scrape;

import java.util.ArrayDeque;
import java.util.Deque;
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
            return isBalanced(text)
                    ? null
                    : "is not a valid CSS selector: a bracket or a quotation mark has no partner";
        }
        try {
            XPathFactory.newDefaultInstance().newXPath().compile(text);
            return null;
        } catch (XPathExpressionException broken) {
            return "is not a valid XPath";
        }
    }

    /** Whether every bracket and quotation mark has its partner: all that can be said of CSS that only a browser knows. */
    private static boolean isBalanced(String css) {
        Deque<Character> closing = new ArrayDeque<>();
        for (int index = 0; index < css.length(); index++) {
            char character = css.charAt(index);
            boolean quoted = !closing.isEmpty() && (closing.peek() == '"' || closing.peek() == '\'');
            if (character == '\\') {
                index++;
            } else if (!closing.isEmpty() && closing.peek() == character) {
                closing.pop();
            } else if (!quoted) {
                switch (character) {
                    case '(' -> closing.push(')');
                    case '[' -> closing.push(']');
                    case '"', '\'' -> closing.push(character);
                    case ')', ']', '{', '}' -> {
                        return false;
                    }
                    default -> {}
                }
            }
        }
        return closing.isEmpty();
    }

    /** The selector as Playwright's own engines for CSS and XPath take it, and no other of them does. */
    public static String forPlaywright(String selector) {
        return selector.startsWith(XPATH) ? "xpath=" + selector.substring(XPATH.length()) : "css=" + selector;
    }
}
