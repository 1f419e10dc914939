package io.bactrian.scrape.select;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first number in a text that people wrote, such as {@code £1,234.50}, {@code 1.234,50 €} or {@code −3 %}.
 *
 * <p>The rule: the number begins at the first digit, or at a point or comma right before it ({@code $.99}). Points, commas,
 * apostrophes and spaces between digits belong to it; a space or an apostrophe only where exactly three digits follow and
 * one to three stand before. Then
 * <ul>
 *   <li>where points and commas both occur, the kind that comes last is the decimal separator;
 *   <li>where one kind occurs several times, it separates thousands ({@code 1.234.567}, {@code 1,23,456});
 *   <li>where it occurs once, it separates thousands if exactly three digits follow and one to three, not a lone 0, stand
 *       before ({@code 1,234} is 1234; {@code 0.125} and {@code 1234.567} are decimals), else it is the decimal separator.
 * </ul>
 * A hyphen or minus sign right before the digits, or before a currency symbol there, makes it negative unless a letter or
 * digit stands before the sign ({@code 10-20} is 10). Percent signs, units and exponents are left out.
 */
final class NumberText {
    private static final int MAXIMAL_DIGITS = 100;

    private NumberText() {}

    /** The number, or null where there is none or it has more than 100 digits. */
    @Nullable
    static BigDecimal parse(String text) {
        int first = 0;
        while (first < text.length() && digit(text, first) < 0) {
            first++;
        }
        if (first == text.length()) {
            return null;
        }
        boolean fraction = first > 0
                && isPointOrComma(text.charAt(first - 1))
                && (first == 1 || !Character.isLetterOrDigit(text.charAt(first - 2)));
        int end = fraction ? endOfDigits(text, first) : endOfNumber(text, first);
        String number = fraction ? "0." + digits(text, first, end) : plain(text, first, end);
        if (number.length() > MAXIMAL_DIGITS) {
            return null;
        }
        BigDecimal value = new BigDecimal(number);
        return isNegative(text, fraction ? first - 1 : first) ? value.negate() : value;
    }

    /** The end of the digits and separators that belong together. */
    private static int endOfNumber(String text, int first) {
        int end = endOfDigits(text, first);
        boolean decimals = false;
        while (end - first < 2 * MAXIMAL_DIGITS && isDigit(text, end + 1)) {
            char separator = text.charAt(end);
            int next = endOfDigits(text, end + 1);
            if (isGrouping(separator)) {
                int before = end - startOfDigits(text, end);
                if (decimals || next - end - 1 != 3 || before > 3) {
                    return end;
                }
            } else if (isPointOrComma(separator)) {
                int earlier = count(text, separator, first, end);
                int digits = next - end - 1;
                boolean three = digits == 3;
                boolean two = digits == 2
                        && next < text.length()
                        && text.charAt(next) == separator
                        && isDigit(text, next + 1);
                boolean group = isThousands(text, separator, first, end) && (three || two);
                if (decimals || (earlier > 0 && !group)) {
                    return end;
                }
                decimals = earlier == 0 && count(text, other(separator), first, end) > 0;
            } else {
                return end;
            }
            end = next;
        }
        return end;
    }

    private static boolean isThousands(String text, char separator, int first, int end) {
        int lead = text.indexOf(separator, first) - first;
        return lead >= 1 && lead <= 3 && end - startOfDigits(text, end) <= 3;
    }

    private static String plain(String text, int first, int end) {
        int point = text.lastIndexOf('.', end - 1);
        int comma = text.lastIndexOf(',', end - 1);
        point = point < first ? -1 : point;
        comma = comma < first ? -1 : comma;
        int decimal = -1;
        if (point >= 0 && comma >= 0) {
            int last = Math.max(point, comma);
            decimal = count(text, text.charAt(last), first, end) == 1 ? last : -1;
        } else if (point >= 0 || comma >= 0) {
            int only = Math.max(point, comma);
            if (count(text, text.charAt(only), first, end) == 1) {
                int lead = only - first;
                boolean thousands = end - only - 1 == 3 && lead <= 3 && !(lead == 1 && digit(text, first) == 0);
                decimal = thousands ? -1 : only;
            }
        }
        return decimal < 0
                ? digits(text, first, end)
                : digits(text, first, decimal) + "." + digits(text, decimal + 1, end);
    }

    private static boolean isNegative(String text, int start) {
        int i = start - 1;
        while (i >= 0 && Character.getType(text.charAt(i)) == Character.CURRENCY_SYMBOL) {
            i--;
        }
        if (i < 0 || "-\u2212\uFE63\uFF0D".indexOf(text.charAt(i)) < 0) {
            return false;
        }
        return i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1));
    }

    private static String digits(String text, int from, int to) {
        StringBuilder digits = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            int digit = digit(text, i);
            if (digit >= 0) {
                digits.append((char) ('0' + digit));
            }
        }
        return digits.toString();
    }

    private static int endOfDigits(String text, int from) {
        int i = from;
        while (i < text.length() && digit(text, i) >= 0) {
            i++;
        }
        return i;
    }

    private static int startOfDigits(String text, int end) {
        int i = end;
        while (i > 0 && digit(text, i - 1) >= 0) {
            i--;
        }
        return i;
    }

    private static int count(String text, char c, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            if (text.charAt(i) == c) {
                count++;
            }
        }
        return count;
    }

    private static int digit(String text, int index) {
        char c = text.charAt(index);
        return Character.isDigit(c) ? Character.digit(c, 10) : -1;
    }

    private static boolean isDigit(String text, int index) {
        return index < text.length() && digit(text, index) >= 0;
    }

    private static boolean isPointOrComma(char c) {
        return c == '.' || c == ',';
    }

    private static char other(char separator) {
        return separator == '.' ? ',' : '.';
    }

    private static boolean isGrouping(char c) {
        return c == '\'' || c == '\u2019' || Character.isSpaceChar(c);
    }
}
