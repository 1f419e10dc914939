package io.bactrian.scrape.browser;

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
    static BrowserSelector of(String text) {
        String stripped = text.strip();
        return stripped.startsWith(XPATH)
                ? new BrowserSelector(
                        Engine.XPATH, stripped.substring(XPATH.length()).strip())
                : new BrowserSelector(Engine.CSS, stripped);
    }

    /** What is wrong with the form of a selector, as one sentence; null if nothing is. Whether it compiles shows on the page. */
    public static @Nullable String problem(String text) {
        BrowserSelector selector = of(text);
        if (selector.expression().isEmpty()) {
            return "The selector is empty.";
        }
        // Playwright chains engines with it, and some of them are not for users.
        return selector.expression().contains(">>") ? "The selector must not contain '>>'." : null;
    }

    /** As Playwright takes it, of the engine said and no other. */
    String forPlaywright() {
        return switch (engine) {
            case CSS -> "css=" + expression;
            case XPATH -> "xpath=" + expression;
        };
    }
}
