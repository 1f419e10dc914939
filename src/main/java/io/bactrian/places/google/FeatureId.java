package io.bactrian.places.google;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a place in URLs and data, such as {@code 0x14e732fd76f0d90d:0xe5415928d6702b47}.
 *
 * @param cell of the map that the place is in, or 0 where it is not said
 * @param number of the place
 */
record FeatureId(long cell, long number) {
    private static final Pattern FORM =
            Pattern.compile("0x([0-9a-f]{1,16})(?::|%3a)0x([0-9a-f]{1,16})", Pattern.CASE_INSENSITIVE);
    private static final Pattern IN_URL = Pattern.compile("!1s(" + FORM.pattern() + ")", Pattern.CASE_INSENSITIVE);

    /** The feature id that a text is, or null. */
    static @Nullable FeatureId parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        return form.matches() ? of(form.group(1), form.group(2)) : null;
    }

    /** The feature id of the place that a URL leads to, or null. */
    static @Nullable FeatureId inUrl(String url) {
        Matcher found = IN_URL.matcher(url);
        return found.find() ? of(found.group(2), found.group(3)) : null;
    }

    private static FeatureId of(String cell, String number) {
        return new FeatureId(Long.parseUnsignedLong(cell, 16), Long.parseUnsignedLong(number, 16));
    }

    /** Whether both may mean one place. */
    boolean means(FeatureId other) {
        return number == other.number;
    }

    /** The public place id, which has the same two numbers in another form; else this id. */
    String placeId() {
        if (cell == 0) {
            return toString();
        }
        ByteBuffer message = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        // A message of Protocol Buffers: one field of 18 bytes, in it two of 64 bits each.
        message.put((byte) 0x0a).put((byte) 0x12);
        message.put((byte) 0x09).putLong(cell);
        message.put((byte) 0x11).putLong(number);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(message.array());
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(cell) + ":0x" + Long.toHexString(number);
    }
}
