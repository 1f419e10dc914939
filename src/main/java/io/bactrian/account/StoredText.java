package io.bactrian.account;

import io.bactrian.OutsideText;

/** What texts of clients are stored. */
final class StoredText {
    private StoredText() {}

    /** Whether it is one line of at most that many code points. */
    static boolean isLine(String text, int limit) {
        return isText(text, limit) && text.codePoints().noneMatch(Character::isISOControl);
    }

    /** Whether it is a storable text of at most that many code points, lines and tabs included. */
    static boolean isText(String text, int limit) {
        return text.codePointCount(0, text.length()) <= limit && OutsideText.isClean(text);
    }
}
