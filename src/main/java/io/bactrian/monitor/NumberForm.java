package io.bactrian.monitor;

import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The form of a number that people wrote, with the separators of whatever country.
 *
 * <ul>
 *   <li>A space, an apostrophe or the Arabic {@code ٬} separates thousands, {@code ٫} decimals.
 *   <li>Where points and commas both occur, the last one is the decimal separator.
 *   <li>Where one of them occurs several times, it separates thousands, Indian ones ({@code 1,29,900}) too.
 *   <li>Where one occurs once, it is the decimal separator, unless exactly three digits follow and one to three, not a lone 0,
 *       stand before: then it separates thousands ({@code 1.299} is 1299), as prices with three decimals are rare. It does not
 *       where other thousands have been separated before, nor in currencies that have three decimals, nor in percentages.
 * </ul>
 *
 * <p>Groups that are none, as in {@code 12.05.2024} or {@code 12 99}, and zeros before a whole number make a text no number.
 */
final class NumberForm {
    private static final int MOST_DIGITS = 30;
    private static final int GROUP = 3;
    private static final char ARABIC_DECIMAL = '\u066B';
    private static final char GROUPING = '\'';

    private NumberForm() {}

    /**
     * The number that the text is, or empty where it is none.
     *
     * @param threeDecimals whether a lone separator with three digits behind it separates decimals
     */
    static Optional<BigDecimal> parse(String text, boolean threeDecimals) {
        String form = inAscii(text);
        if (form == null) {
            return Optional.empty();
        }
        int decimal = decimalSeparator(form, threeDecimals);
        String whole = decimal < 0 ? form : form.substring(0, decimal);
        String fraction = decimal < 0 ? "" : form.substring(decimal + 1);
        if (!fraction.chars().allMatch(NumberForm::isDigit) || (decimal >= 0 && fraction.isEmpty())) {
            return Optional.empty();
        }
        String digits = withoutGroups(whole);
        if (digits == null
                || digits.length() + fraction.length() > MOST_DIGITS
                || (digits.isEmpty() && fraction.isEmpty())
                || (digits.length() > 1 && digits.startsWith("0"))) {
            return Optional.empty();
        }
        return Optional.of(
                new BigDecimal((digits.isEmpty() ? "0" : digits) + (fraction.isEmpty() ? "" : "." + fraction)));
    }

    /** ASCII digits, points, commas and apostrophes; an Arabic decimal separator stays; null where there is anything else. */
    private static @Nullable String inAscii(String text) {
        StringBuilder form = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isDigit(c)) {
                form.append((char) ('0' + Character.digit(c, 10)));
            } else if (c == '.' || c == ',' || c == ARABIC_DECIMAL) {
                form.append(c);
            } else if (c == ' ' || c == GROUPING || c == '\u2019' || c == '\u02BC' || c == '\u066C') {
                form.append(GROUPING);
            } else {
                return null;
            }
        }
        return form.toString();
    }

    /** The index of the decimal separator, or -1 where there is none. */
    private static int decimalSeparator(String form, boolean threeDecimals) {
        int arabic = form.indexOf(ARABIC_DECIMAL);
        if (arabic >= 0) {
            return arabic;
        }
        int point = form.lastIndexOf('.');
        int comma = form.lastIndexOf(',');
        int last = Math.max(point, comma);
        if (last < 0 || (point >= 0 && comma >= 0)) {
            return last;
        }
        boolean once = form.indexOf(form.charAt(last)) == last;
        if (!once) {
            return -1;
        }
        boolean thousands = form.length() - last - 1 == GROUP
                && last >= 1
                && last <= GROUP
                && !form.startsWith("0")
                && form.indexOf(GROUPING) < 0
                && !threeDecimals;
        return thousands ? -1 : last;
    }

    /** The digits of a whole number whose groups are separated by one kind of sign and are of the right size, or null. */
    private static @Nullable String withoutGroups(String whole) {
        StringBuilder digits = new StringBuilder(whole.length());
        char separator = 0;
        int groups = 1;
        int size = 0;
        int first = 0;
        boolean indian = false;
        for (int i = 0; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (isDigit(c)) {
                digits.append(c);
                size++;
                continue;
            }
            if (c == ARABIC_DECIMAL || (separator != 0 && c != separator) || size == 0) {
                return null;
            }
            separator = c;
            if (groups == 1) {
                first = size;
            } else if (size == GROUP - 1) {
                indian = true;
            } else if (size != GROUP || indian) {
                return null;
            }
            groups++;
            size = 0;
        }
        if (groups == 1) {
            return digits.toString();
        }
        boolean fits = size == GROUP && first <= GROUP && (!indian || first < GROUP);
        return fits && (!indian || isIndian(whole, separator)) ? digits.toString() : null;
    }

    /** Whether all groups but the first and the last have two digits. */
    private static boolean isIndian(String whole, char separator) {
        int from = whole.indexOf(separator) + 1;
        int last = whole.lastIndexOf(separator);
        while (from < last) {
            int to = whole.indexOf(separator, from);
            if (to - from != GROUP - 1) {
                return false;
            }
            from = to + 1;
        }
        return true;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
