package io.bactrian.places.google;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts of pages as places have them: of one line, of bounded length, and fit for any file. */
final class Texts {
    static final int LONGEST_URL = 2_048;

    private static final Pattern WRAPPED =
            Pattern.compile("(?:https?://[^/]{1,100})?/url\\?(?:[^#]{0,2000}&)?(?:q|url)=([^&#]{1,4000}).*");
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,4}(?:\\.\\d{1,20})?");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

    private Texts() {}

    /** The text on one line, its beginning where it is longer, or null if there is nothing to read in it. */
    static @Nullable String line(String text, int longest) {
        return clean(text, longest, false);
    }

    /** The same, with its line breaks. */
    static @Nullable String lines(String text, int longest) {
        return clean(text, longest, true);
    }

    private static @Nullable String clean(String text, int longest, boolean breaks) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), longest));
        int index = 0;
        while (index < text.length() && clean.length() < longest) {
            int character = text.codePointAt(index);
            index += Character.charCount(character);
            switch (Character.getType(character)) {
                case Character.SURROGATE, Character.UNASSIGNED -> {}
                case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                    clean.append(breaks && character == '\n' ? '\n' : ' ');
                case Character.SPACE_SEPARATOR -> clean.append(' ');
                default -> clean.appendCodePoint(character);
            }
        }
        String stripped = clean.toString().strip();
        return stripped.isEmpty() ? null : stripped;
    }

    /** The absolute http or https URL that a reference means, without the site's own wrapping, or null if it means none. */
    static @Nullable String url(String reference, String base) {
        String text = reference.strip();
        Matcher wrapped = WRAPPED.matcher(text);
        if (wrapped.matches()) {
            try {
                text = URLDecoder.decode(wrapped.group(1), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException malformed) {
                return null;
            }
        }
        if (text.isEmpty() || text.length() > LONGEST_URL || text.startsWith("#")) {
            return null;
        }
        try {
            HttpUrl url = HttpUrl.parse(base).resolve(text);
            String absolute = text.regionMatches(true, 0, "http", 0, 4) ? text : url.toString();
            return absolute.length() > LONGEST_URL || !absolute.equals(line(absolute, LONGEST_URL)) ? null : absolute;
        } catch (EgressRefusedException none) {
            return null;
        }
    }

    /** Whether the path of a URL begins with one of these. */
    static boolean isAt(String url, List<String> beginnings) {
        try {
            String path = HttpUrl.parse(url).pathAndQuery();
            return beginnings.stream().anyMatch(path::startsWith);
        } catch (EgressRefusedException elsewhere) {
            return false;
        }
    }

    /** The number that a text is, with a point or a comma, or null. */
    static @Nullable Double decimal(String text) {
        String number = text.strip().replace(',', '.');
        return DECIMAL.matcher(number).matches() ? Double.valueOf(number) : null;
    }

    /** The number of things that a text is, whatever groups its digits, or null. */
    static @Nullable Integer count(String text) {
        StringBuilder digits = new StringBuilder();
        text.codePoints()
                .filter(character -> ".,'’".indexOf(character) < 0 && !Character.isSpaceChar(character))
                .limit(20)
                .forEach(digits::appendCodePoint);
        return COUNT.matcher(digits).matches() ? Integer.valueOf(digits.toString()) : null;
    }

    /** How many signs of a currency a text is, from 1 to 4; null for anything else, such as a range of prices. */
    static @Nullable Integer priceLevel(String text) {
        String signs = text.strip();
        int first = signs.isEmpty() ? 0 : signs.codePointAt(0);
        boolean same = signs.codePoints().allMatch(sign -> sign == first);
        int count = signs.codePointCount(0, signs.length());
        return same && Character.getType(first) == Character.CURRENCY_SYMBOL && count <= 4 ? count : null;
    }

    /** Small letters, with plain spaces and apostrophes, for comparing. */
    static String folded(String text) {
        return text.replace('’', '\'').replace('\u00a0', ' ').toLowerCase(Locale.ROOT);
    }
}
