package io.bactrian.places.openstreetmap;

import io.bactrian.OutsideText;

/** Cleans texts that anybody may have written. */
final class TagText {
    /** OpenStreetMap's own limit is 255; servers that are not its own may not keep it. */
    private static final int LONGEST = 1_000;

    private TagText() {}

    /** The text without white space around it, control characters and halves of surrogate pairs, cut where it is too long. */
    static String of(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST + 1));
        text.codePoints()
                .limit(LONGEST + 1L)
                .map(each -> Character.isISOControl(each) ? ' ' : each)
                .forEach(line::appendCodePoint);
        return OutsideText.clean(line.toString(), LONGEST).strip();
    }
}
