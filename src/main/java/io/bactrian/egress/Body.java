package io.bactrian.egress;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The bytes of a body, at most as many as were wanted.
 *
 * @param truncated whether there was more
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a copy of each page would be waste
record Body(byte[] bytes, boolean truncated) {
    static final Body NONE = new Body(new byte[0], false);

    /** A hostile Content-Length must not make us set memory aside that is never filled. */
    private static final int LARGEST_FIRST_BUFFER = 256 * 1024;

    private static final int SMALLEST_BUFFER = 16 * 1024;

    /**
     * @param expected how long the body probably is, or a negative number
     * @param memory is asked for what the body takes beyond its first 256 KB
     */
    static Body read(InputStream in, long expected, int limit, BodyMemory memory) throws IOException {
        long first = expected < 0 ? SMALLEST_BUFFER : Math.min(expected + 1, LARGEST_FIRST_BUFFER);
        byte[] buffer = new byte[(int) Math.min(first, limit + 1L)];
        int length = 0;
        while (true) {
            int count = in.read(buffer, length, buffer.length - length);
            if (count < 0) {
                return new Body(length == buffer.length ? buffer : Arrays.copyOf(buffer, length), false);
            }
            length += count;
            if (length > limit) {
                return new Body(Arrays.copyOf(buffer, limit), true);
            }
            if (length == buffer.length) {
                int larger = (int) Math.min(Math.max(length * 2L, SMALLEST_BUFFER), limit + 1L);
                if (larger > LARGEST_FIRST_BUFFER) {
                    memory.grow(larger - length);
                }
                buffer = Arrays.copyOf(buffer, larger);
            }
        }
    }
}
