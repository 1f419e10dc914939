package io.bactrian;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Text that somebody else has written, such as a site, a map, a receiver of webhooks or a browser, made fit to be stored and
 * sent.
 *
 * <p>PostgreSQL refuses the character U+0000, and half of a surrogate pair has no form in UTF-8. Both become U+FFFD, so that
 * a reader sees that something was there. All other characters stay, noncharacters such as U+FFFF too.
 *
 * <p>Records that carry such text from one room to another call this in their constructors, which a test holds. So it is done
 * once, where the text enters, and nobody who stores it can forget it.
 */
public final class OutsideText {
    /** Characters of a message, a header field or a name at most: enough for one sentence and one URL. */
    public static final int LINE = 2_500;

    /** Characters of what is indexed at most: up to 765 bytes in UTF-8, of the 2,704 that an entry of an index may have. */
    public static final int KEY = 255;

    private static final char REPLACEMENT = '\uFFFD';

    private OutsideText() {}

    /** Whether it can be stored and sent as it is. */
    public static boolean isClean(String text) {
        return firstUnclean(text) == text.length();
    }

    /** The text without what cannot be stored. */
    public static String clean(String text) {
        int first = firstUnclean(text);
        if (first == text.length()) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text);
        for (int index = first; index < clean.length(); index++) {
            if (isUnclean(clean, index)) {
                clean.setCharAt(index, REPLACEMENT);
            } else if (Character.isHighSurrogate(clean.charAt(index))) {
                index++;
            }
        }
        return clean.toString();
    }

    /** The text without what cannot be stored, cut to so many characters; an ellipsis is the last of one that was longer. */
    public static String clean(String text, int most) {
        if (text.length() <= most) {
            return clean(text);
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(most - 2));
        return clean(text.substring(0, splitsPair ? most - 2 : most - 1)) + '…';
    }

    /** A message, a header field or a name, which may be absent: {@link #clean(String, int)} to {@link #LINE}. */
    public static @Nullable String line(@Nullable String text) {
        return text == null ? null : clean(text, LINE);
    }

    /**
     * A text that identifies something and is indexed: clean, and of {@link #KEY} characters at most. A longer one ends in the
     * SHA-256 of the whole, so that two that begin alike stay two.
     */
    public static String key(String text) {
        if (text.length() <= KEY) {
            return clean(text);
        }
        String digest = '…' + sha256(text);
        int most = KEY - digest.length();
        boolean splitsPair = Character.isHighSurrogate(text.charAt(most - 1));
        return clean(text.substring(0, splitsPair ? most - 1 : most)) + digest;
    }

    private static int firstUnclean(CharSequence text) {
        for (int index = 0; index < text.length(); index++) {
            if (isUnclean(text, index)) {
                return index;
            }
            if (Character.isHighSurrogate(text.charAt(index))) {
                index++;
            }
        }
        return text.length();
    }

    /** Whether the character is NUL or a surrogate that begins no pair; the second half of a pair is never asked about. */
    private static boolean isUnclean(CharSequence text, int index) {
        char character = text.charAt(index);
        if (!Character.isHighSurrogate(character)) {
            return character == 0 || Character.isLowSurrogate(character);
        }
        return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
