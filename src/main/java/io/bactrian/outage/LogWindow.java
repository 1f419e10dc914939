package io.bactrian.outage;

import java.time.Duration;

/**
 * The time in which only the first lines of a kind are written, and the number of those that were not.
 *
 * <p>Safe for use by many threads.
 */
final class LogWindow {
    private final int lines;
    private final long nanos;
    private long end;
    private int written;
    private long leftOut;

    /** @param lines that are written in a window */
    LogWindow(int lines, Duration length) {
        this.lines = lines;
        this.nanos = length.toNanos();
        this.end = Long.MIN_VALUE;
    }

    /** Whether another line is written now; it is counted as left out otherwise. */
    synchronized boolean opens(long now) {
        if (end == Long.MIN_VALUE || now - end >= 0) {
            end = now + nanos;
            written = 0;
        }
        if (written >= lines) {
            leftOut++;
            return false;
        }
        written++;
        return true;
    }

    /** Those that were left out since the last time that this was asked. */
    synchronized long leftOut() {
        long since = leftOut;
        leftOut = 0;
        return since;
    }
}
