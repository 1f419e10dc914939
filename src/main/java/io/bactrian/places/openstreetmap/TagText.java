package io.bactrian.places.openstreetmap;

/** Cleans texts that anybody may have written. */
final class TagText {
    /** OpenStreetMap's own limit is 255; servers that are not its own may not keep it. */
    private static final int LONGEST = 1_000;

    private TagText() {}

    /** The text without white space around it, control characters and halves of surrogate pairs, cut where it is too long. */
    static String of(String text) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), LONGEST));
        for (int i = 0; i < text.length() && clean.length() < LONGEST; ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            boolean lone = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
            clean.appendCodePoint(lone ? 0xFFFD : Character.isISOControl(codePoint) ? ' ' : codePoint);
        }
        return clean.toString().strip();
    }
}
