package io.bactrian.monitor;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * A text that is wholly a number, be it a price, a percentage or a bare one.
 *
 * <p>Currency signs, codes and common abbreviations may stand before and after it; anything else beside it, as in
 * {@code from €5} or {@code 5 items}, makes the text none. Which separators mean what is {@link NumberForm}'s to say.
 *
 * @param unit what the number counts; {@link Unit#NONE} where the text does not say
 */
record Price(BigDecimal value, Unit unit) {
    /** Of a text that is looked at; no price is longer. */
    private static final int LONGEST = 80;

    /** Of {@code 12,-} and its like: nothing after the point. */
    private static final String DASHES = "-–—";

    private static final String MINUS = "-−";

    /** The number that the text is, or empty where it is something else. */
    static Optional<Price> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        String rest = PlainText.of(text);
        boolean enclosed = rest.length() > 2 && rest.startsWith("(") && rest.endsWith(")");
        if (enclosed) {
            rest = rest.substring(1, rest.length() - 1).strip();
        }
        Unit unit = Unit.NONE;
        boolean negative = false;
        boolean signed = false;
        while (true) {
            Unit.Mark mark = Unit.atStart(rest);
            if (!mark.text().isEmpty()) {
                rest = rest.substring(mark.text().length()).strip();
                unit = unit.and(mark.unit());
            } else if (!signed && !rest.isEmpty() && (MINUS + "+").indexOf(rest.charAt(0)) >= 0) {
                signed = true;
                negative = rest.charAt(0) != '+';
                rest = rest.substring(1).strip();
            } else {
                break;
            }
        }
        for (Unit.Mark mark = Unit.atEnd(rest); !mark.text().isEmpty(); mark = Unit.atEnd(rest)) {
            rest = rest.substring(0, rest.length() - mark.text().length()).strip();
            unit = unit.and(mark.unit());
        }
        if (unit.isContradiction()) {
            return Optional.empty();
        }
        // As accountants write it; a number alone in parentheses is more likely a count.
        boolean minus = negative || (enclosed && !unit.codes().isEmpty());
        Unit of = unit;
        return NumberForm.parse(withoutDashes(rest), unit.hasThreeDecimals())
                .map(value -> new Price(minus ? value.negate() : value, of));
    }

    private static String withoutDashes(String text) {
        int end = text.length();
        while (end > 0 && DASHES.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        boolean afterSeparator = end > 1 && end < text.length() && ".,".indexOf(text.charAt(end - 1)) >= 0;
        return afterSeparator ? text.substring(0, end - 1) : text;
    }
}
