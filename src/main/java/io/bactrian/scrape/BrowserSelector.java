package io.bactrian.scrape;

import java.util.ArrayDeque;
import java.util.Deque;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.jspecify.annotations.Nullable;

/**
 * The selector of an element on a page in the browser: CSS, or XPath after {@code xpath:}.
 *
 * @param engine which of Playwright's engines it is for
 */
public record BrowserSelector(Engine engine, String expression) {
    private static final String XPATH = "xpath:";

    /** A language of selectors. */
    public enum Engine {
        CSS,
        XPATH
    }

    /** The selector that a task says. */
    public static BrowserSelector of(String text) {
        String stripped = text.strip();
        return stripped.startsWith(XPATH)
                ? new BrowserSelector(
                        Engine.XPATH, stripped.substring(XPATH.length()).strip())
                : new BrowserSelector(Engine.CSS, stripped);
    }

    /** What is wrong with a selector, as far as it shows without a browser; null if nothing does. */
    public static @Nullable String problem(String text) {
        BrowserSelector selector = of(text);
        if (selector.expression.isEmpty()) {
            return "must not be blank";
        }
        // Playwright chains engines with it, and some of them are not for users.
        if (selector.expression.contains(">>")) {
            return "must be one selector: >> does not join selectors here";
        }
        if (selector.engine == Engine.CSS) {
            return isBalanced(selector.expression)
                    ? null
                    : "is not a valid CSS selector: a bracket or a quotation mark has no partner";
        }
        try {
            XPathFactory.newDefaultInstance().newXPath().compile(selector.expression);
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

    /** As Playwright takes it, of the engine said and no other. */
    public String forPlaywright() {
        return switch (engine) {
            case CSS -> "css=" + expression;
            case XPATH -> "xpath=" + expression;
        };
    }
}
