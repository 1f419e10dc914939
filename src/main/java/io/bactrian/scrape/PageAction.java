package io.bactrian.scrape;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One thing to do on a page in the browser. Selectors are CSS, or XPath after {@code xpath:}. */
public sealed interface PageAction {

    /** Clicks the first element that matches, when it can be clicked. */
    record Click(String selector) implements PageAction {}

    /** Types a text into the first field that matches, in place of what is there. */
    record Type(String selector, String text) implements PageAction {}

    /**
     * Presses a key.
     *
     * @param selector of the element that gets the focus first, or null for the one that has it
     * @param key a key's name (UI Events, {@code KeyboardEvent.key}), such as {@code Enter}, with modifiers as in {@code Control+A}
     */
    record Press(@Nullable String selector, String key) implements PageAction {
        private static final Pattern KEY = Pattern.compile(
                "(?:(?:Shift|Control|Alt|Meta|ControlOrMeta)\\+)*(?:[A-Z][A-Za-z0-9]{1,30}|\\P{Cntrl})");

        /** What is wrong with the spelling of a key; null if nothing is. */
        public static @Nullable String problem(String key) {
            return KEY.matcher(key).matches()
                    ? null
                    : "must be a key such as Enter, Tab, ArrowDown or a, or one with modifiers such as Control+A";
        }
    }

    /**
     * Scrolls to the end, again and again, so that pages which load more as one scrolls do so.
     *
     * @param selector of the element that scrolls, or null for the page
     * @param times how often at most; it ends earlier when there is nothing more to scroll
     */
    record Scroll(@Nullable String selector, int times) implements PageAction {}

    /**
     * Waits for an element, or for a while.
     *
     * @param selector what must appear, or null to wait for {@code duration}
     */
    record Wait(@Nullable String selector, Duration duration) implements PageAction {}
}
