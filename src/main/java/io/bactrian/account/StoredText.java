package io.bactrian.account;

/** What text PostgreSQL and UTF-8 can carry. */
final class StoredText {
    private StoredText() {}

    /** Whether every character can be stored: NUL and unpaired surrogates cannot. */
    static boolean isStorable(String text) {
        return text.codePoints()
                .noneMatch(character -> character == 0
                        || (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE));
    }

    /** Whether it is one line of at most that many code points. */
    static boolean isLine(String text, int limit) {
        return isText(text, limit) && text.codePoints().noneMatch(Character::isISOControl);
    }

    /** Whether it is a storable text of at most that many code points, lines and tabs included. */
    static boolean isText(String text, int limit) {
        return text.codePointCount(0, text.length()) <= limit && isStorable(text);
    }
}
