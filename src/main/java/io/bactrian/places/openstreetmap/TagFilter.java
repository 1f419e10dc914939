package io.bactrian.places.openstreetmap;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one tag of an element, as Overpass QL writes it.
 *
 * @param exactly the value that the tag must have, or null where the condition is another
 * @param text the condition in Overpass QL
 */
record TagFilter(String key, @Nullable String exactly, String text) {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_:-]{1,64})(?:([=~])(.{1,255}))?");

    /** Characters with a meaning in extended regular expressions (POSIX), as Overpass has them. */
    private static final String SPECIAL = "\\.[](){}*+?|^$";

    /**
     * The condition that a text of the configuration means: {@code key=value}, {@code key~value} for a value of a list with
     * semicolons, or {@code key} for any value.
     *
     * @throws IllegalArgumentException if it means none
     */
    static TagFilter parse(String condition) {
        Matcher form = FORM.matcher(condition.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + condition + "' is no condition: write key=value, key~value or key.");
        }
        String key = form.group(1);
        String value = form.group(3);
        if (value == null) {
            return new TagFilter(key, null, "[" + quoted(key) + "]");
        }
        return form.group(2).equals("=")
                ? new TagFilter(key, value, "[" + quoted(key) + "=" + quoted(value) + "]")
                : new TagFilter(
                        key, null, "[" + quoted(key) + "~" + quoted("(^|;) *" + literal(value) + " *(;|$)") + "]");
    }

    /** That the name contains a word, in whatever case. */
    static TagFilter nameContains(String word) {
        return new TagFilter("name", null, "[\"name\"~" + quoted(literal(word)) + ",i]");
    }

    static TagFilter named() {
        return new TagFilter("name", null, "[\"name\"]");
    }

    /** Whether no element can meet both. */
    boolean excludes(TagFilter other) {
        return key.equals(other.key) && exactly != null && other.exactly != null && !exactly.equals(other.exactly);
    }

    /** A regular expression that matches just this text; apostrophes of all shapes are one. */
    private static String literal(String text) {
        StringBuilder expression = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '\'' || character == '’' || character == '`') {
                expression.append("('|’|`)");
                continue;
            }
            if (SPECIAL.indexOf(character) >= 0) {
                expression.append('\\');
            }
            expression.append(character);
        }
        return expression.toString();
    }

    /** A string of Overpass QL, in which nothing but a quotation mark and a backslash has a meaning. */
    private static String quoted(String text) {
        StringBuilder string = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                string.append('\\');
            }
            string.append(Character.isISOControl(character) ? ' ' : character);
        }
        return string.append('"').toString();
    }
}
