package io.bactrian.egress;

/** Foreign text made fit to stand in a message: short, and without control characters. */
final class Excerpt {
    private static final int LONGEST = 200;

    private Excerpt() {}

    static String of(String text) {
        StringBuilder excerpt = new StringBuilder(Math.min(text.length(), LONGEST) + 1);
        for (int index = 0; index < text.length(); index++) {
            if (index == LONGEST) {
                return excerpt.append('…').toString();
            }
            char character = text.charAt(index);
            excerpt.append(Character.isISOControl(character) ? '?' : character);
        }
        return excerpt.toString();
    }
}
