package io.bactrian.scrape.browser;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A page that is open in a browser, as the routine of a visit sees it.
 *
 * <p>Selectors are CSS. Every step ends the visit, by an exception that the routine lets pass, when the page cannot be had
 * any more: its deadline has passed, it was led to where this service may not go, or it crashed. Belongs to the thread that
 * the routine runs on.
 */
public interface SitePage {

    /** Where the page is, which its scripts may change. */
    String url();

    /** What is left of the visit's time. */
    Duration left();

    /** How many elements match a selector. */
    int count(String selector);

    /**
     * Whether an element is there that says something.
     *
     * @param texts of which one must be in its text, compared without regard to case and kinds of apostrophes; empty for an
     *     element that need say nothing
     */
    boolean shows(String selector, List<String> texts);

    /**
     * Clicks on the first visible element that matches, and waits for what that brings about, another document included.
     *
     * @return false if there is none, or it cannot be clicked
     */
    boolean click(String selector);

    /**
     * Scrolls an element to its end, and waits for more.
     *
     * @return whether it has grown
     */
    boolean scroll(String selector);

    /** Waits until a condition holds, but no longer than so; tells whether it does. */
    boolean await(BooleanSupplier condition, Duration longest);

    /** Waits until the page has come to rest. */
    void settle();

    /**
     * The value of a variable of the page's own scripts, as JSON.
     *
     * @param path the name of the variable, and of each member on the way
     * @param longest the most characters that it may have
     * @return null where there is none, it cannot be JSON, or it is longer
     */
    @Nullable
    String variable(List<String> path, int longest);

    /** The document as it is now. */
    String html();
}
