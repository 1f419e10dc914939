package io.bactrian.egress;

import io.bactrian.OutsideText;

/** Foreign text made fit to stand in a message: short, and without control characters. */
final class Excerpt {
    private static final int LONGEST = 200;

    private Excerpt() {}

    static String of(String text) {
        String clean = OutsideText.clean(text, LONGEST + 1);
        StringBuilder excerpt = new StringBuilder(clean.length());
        for (int index = 0; index < clean.length(); index++) {
            char character = clean.charAt(index);
            excerpt.append(Character.isISOControl(character) ? '?' : character);
        }
        return excerpt.toString();
    }
}
