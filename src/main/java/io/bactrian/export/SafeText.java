package io.bactrian.export;

import java.util.regex.Pattern;

/** Text of strangers made safe for spreadsheets. */
final class SafeText {
    /** The most UTF-16 code units that Excel accepts in one cell. */
    static final int LONGEST_CELL = 32_767;

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?+(?:[0-9]++(?:\\.[0-9]*+)?+|\\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+");
    private static final Pattern ESCAPE_LOOKALIKE = Pattern.compile("_(?=x[0-9A-Fa-f]{4}_)");

    /** Letters and marks that do not show: the combining grapheme joiner, fillers of Hangul, the blank of Braille. */
    private static final String IGNORABLE = "\u034F\u115F\u1160\u2800\u3164\uFFA0";

    private SafeText() {}

    /**
     * The text with an apostrophe before it if a spreadsheet might take it for a formula (CSV injection): it begins with tab,
     * carriage return or line feed, or, behind blanks and characters that do not show, with {@code =}, {@code +}, {@code -} or
     * {@code @} of any width, and is not a number.
     */
    static String neutralised(String text) {
        int start = 0;
        while (start < text.length() && isBlank(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        if (start == text.length()) {
            return beginsWithBreak(text) ? "'" + text : text;
        }
        boolean formula = switch (text.charAt(start)) {
            case '=', '@', '\uFF1D', '\uFF20', '\uFE66', '\uFE6B', '\uFF0B', '\uFF0D', '\uFE62', '\uFE63' -> true;
            case '+', '-' -> !NUMBER.matcher(text).region(start, text.length()).matches();
            default -> false;
        };
        return formula || beginsWithBreak(text) ? "'" + text : text;
    }

    private static boolean beginsWithBreak(String text) {
        return !text.isEmpty() && "\t\r\n".indexOf(text.charAt(0)) >= 0;
    }

    /** Whether a spreadsheet may pass over the character at the beginning of a cell, or nobody sees it there. */
    private static boolean isBlank(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.isISOControl(character)
                || Character.getType(character) == Character.FORMAT
                || IGNORABLE.indexOf(character) >= 0
                || (character >= 0xFE00 && character <= 0xFE0F);
    }

    /**
     * The text as a cell of a workbook: without the characters that XML 1.0 forbids, neutralised, at most
     * {@value #LONGEST_CELL} long, and with what looks like an {@code _x0041_} escape of ECMA-376 (ST_Xstring) escaped.
     */
    static String forWorkbook(String text) {
        // The order matters: a forbidden character may hide a formula, and the limit counts the apostrophe but no
        // escapes.
        String cut = truncated(neutralised(withoutForbidden(text)), LONGEST_CELL);
        return cut.contains("_x") ? ESCAPE_LOOKALIKE.matcher(cut).replaceAll("_x005F_") : cut;
    }

    private static String withoutForbidden(String text) {
        StringBuilder kept = null;
        int length = text.length();
        for (int index = 0; index < length; ) {
            int character = text.codePointAt(index);
            int next = index + Character.charCount(character);
            if (isXml(character)) {
                if (kept != null) {
                    kept.appendCodePoint(character);
                }
            } else if (kept == null) {
                kept = new StringBuilder(length).append(text, 0, index);
            }
            index = next;
        }
        return kept == null ? text : kept.toString();
    }

    /** Whether the production {@code Char} of XML 1.0 has the code point; unpaired surrogates are not in it. */
    private static boolean isXml(int character) {
        return (character >= 0x20 && character <= 0xD7FF)
                || character == '\t'
                || character == '\n'
                || character == '\r'
                || (character >= 0xE000 && character <= 0xFFFD)
                || character >= 0x10000;
    }

    /** The text, cut to so many UTF-16 code units at most, but not in the middle of a character. */
    static String truncated(String text, int maxLength) {
        if (text.length() <= maxLength) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(maxLength - 1));
        return text.substring(0, splitsPair ? maxLength - 1 : maxLength);
    }
}
