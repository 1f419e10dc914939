package io.bactrian.places.google;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression (RE2) that takes a part of a text: its group 1, or all that it matches.
 *
 * @param pattern which matches in linear time, whatever the text
 */
record TextPattern(Pattern pattern) {

    /**
     * The expression that a text spells.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static TextPattern valueOf(String text) {
        try {
            return new TextPattern(Pattern.compile(text));
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no regular expression (RE2): " + wrong.getMessage(), wrong);
        }
    }

    /** The part of a text, or null where it does not match. */
    @Nullable
    String in(String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(matcher.groupCount() > 0 ? 1 : 0) : null;
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
