package io.bactrian.monitor;

import java.text.Normalizer;

/** Text without what is only its layout, so that two texts that read the same are the same. */
final class PlainText {
    private PlainText() {}

    /** The text in Unicode's form NFKC, without invisible characters, its white space collapsed. */
    static String of(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        boolean space = false;
        String normalised = Normalizer.normalize(text, Normalizer.Form.NFKC);
        for (int i = 0; i < normalised.length(); ) {
            int point = normalised.codePointAt(i);
            i += Character.charCount(point);
            if (Character.isWhitespace(point) || Character.isSpaceChar(point)) {
                space = true;
            } else if (Character.getType(point) != Character.FORMAT) {
                if (space && !plain.isEmpty()) {
                    plain.append(' ');
                }
                space = false;
                plain.appendCodePoint(point);
            }
        }
        return plain.toString();
    }
}
