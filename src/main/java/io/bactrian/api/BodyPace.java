package io.bactrian.api;

import io.bactrian.InvalidInputException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Watches how quickly a body comes: each ten seconds must bring as much as the least rate asks for.
 *
 * <p>The mean over the whole body would let a client rest for hours at its end.
 */
final class BodyPace {
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final long leastOfWindow;
    private final LongSupplier nanoTime;
    private long windowBegan;
    private long bytes;

    /** @param leastRate bytes a second */
    BodyPace(long leastRate, LongSupplier nanoTime) {
        this.leastOfWindow = leastRate * WINDOW.toSeconds();
        this.nanoTime = nanoTime;
        this.windowBegan = nanoTime.getAsLong();
    }

    /**
     * Counts what has come.
     *
     * @throws InvalidInputException when the last ten seconds have brought too little
     */
    void count(int more) {
        bytes += more;
        long now = nanoTime.getAsLong();
        if (now - windowBegan < WINDOW.toNanos()) {
            return;
        }
        // A read may have waited for longer than the window.
        long windows = (now - windowBegan) / WINDOW.toNanos();
        if (bytes < leastOfWindow * windows) {
            throw new InvalidInputException("", "The body did not come to its end in time: send it more quickly.");
        }
        windowBegan = now;
        bytes = 0;
    }
}
