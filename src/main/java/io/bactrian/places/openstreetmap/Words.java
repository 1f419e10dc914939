package io.bactrian.places.openstreetmap;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Words of a search, and the form in which they are compared. */
final class Words {
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    private Words() {}

    /** The words of a text in the form in which they are compared. */
    static List<String> of(String text) {
        return asWritten(text).stream().map(Words::comparable).toList();
    }

    /** The words of a text without the punctuation around them. */
    static List<String> asWritten(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            boolean space = i == text.length() || separates(text.charAt(i));
            if (!space && start < 0) {
                start = i;
            } else if (space && start >= 0) {
                String word = bare(text.substring(start, i));
                if (!word.isEmpty()) {
                    words.add(word);
                }
                start = -1;
            }
        }
        return words;
    }

    /** In lower case and without accents: {@code Café} is {@code cafe}. */
    static String comparable(String word) {
        String decomposed = Normalizer.normalize(word, Normalizer.Form.NFKD);
        return MARKS.matcher(decomposed).replaceAll("").toLowerCase(Locale.ROOT);
    }

    private static boolean separates(char character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.isISOControl(character)
                || character == ','
                || character == ';';
    }

    private static String bare(String word) {
        int start = 0;
        int end = word.length();
        while (start < end && isPunctuation(word.charAt(start))) {
            start++;
        }
        while (end > start && isPunctuation(word.charAt(end - 1))) {
            end--;
        }
        return word.substring(start, end);
    }

    private static boolean isPunctuation(char character) {
        return !Character.isLetterOrDigit(character)
                && !Character.isSurrogate(character)
                && Character.getType(character) != Character.NON_SPACING_MARK
                && Character.getType(character) != Character.COMBINING_SPACING_MARK;
    }
}
