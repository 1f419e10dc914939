package io.bactrian.egress;

import java.time.Duration;

/**
 * The moment at which an exchange is given up, on the monotonic clock of this process.
 *
 * @param nanoTime a value of {@link System#nanoTime()}
 */
public record Deadline(long nanoTime) {

    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** The nanoseconds that are left, zero or less when it has passed. */
    public long remainingNanos() {
        return nanoTime - System.nanoTime();
    }

    public boolean hasPassed() {
        return remainingNanos() <= 0;
    }

    /** The earlier of this deadline and one in {@code duration} from now. */
    public Deadline atMost(Duration duration) {
        return new Deadline(System.nanoTime() + Math.min(remainingNanos(), duration.toNanos()));
    }
}
