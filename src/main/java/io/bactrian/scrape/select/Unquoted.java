package io.bactrian.scrape.select;

/** Blanks what a selector quotes or escapes, so that the rest can be looked at; places stay as they are. */
final class Unquoted {
    private static final char BLANK = '_';

    private Unquoted() {}

    static String of(String selector) {
        char[] bare = selector.toCharArray();
        char quote = 0;
        for (int i = 0; i < bare.length; i++) {
            char c = bare[i];
            if (c == '\\') {
                bare[i] = BLANK;
                if (++i < bare.length) {
                    bare[i] = BLANK;
                }
            } else if (quote != 0) {
                quote = c == quote ? 0 : quote;
                bare[i] = BLANK;
            } else if (c == '"' || c == '\'') {
                quote = c;
                bare[i] = BLANK;
            }
        }
        return new String(bare);
    }
}
