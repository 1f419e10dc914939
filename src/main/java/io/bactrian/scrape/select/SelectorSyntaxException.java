package io.bactrian.scrape.select;

import org.jspecify.annotations.Nullable;

/** A selector that cannot be compiled, with a sentence that says why. */
final class SelectorSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;

    private final String sentence;

    SelectorSyntaxException(String message) {
        super(message);
        this.sentence = message;
    }

    /** What is wrong, for the person who wrote the selector. */
    String sentence() {
        return sentence;
    }

    /** A selector that its engine refused, with the engine's words where they help. */
    static SelectorSyntaxException refused(String selector, String language, @Nullable String why) {
        String shown = shorten(selector);
        // An engine that stumbled has nothing to say but the name of a class.
        String because = why == null || why.isBlank() || why.contains("Exception")
                ? "."
                : ": " + shorten(why.replaceAll("\\s+", " ").strip());
        return new SelectorSyntaxException("'" + shown + "' is not a valid " + language + because);
    }

    private static String shorten(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
