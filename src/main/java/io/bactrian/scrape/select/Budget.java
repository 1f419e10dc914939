package io.bactrian.scrape.select;

import java.time.Duration;

/**
 * The work that one extraction may do, so that a hostile selector or page costs a bounded time.
 *
 * <p>A unit is about as much as a visit to one node. The time limit stands beside it because units are estimates.
 */
final class Budget {
    private static final long UNITS = 500_000_000;
    private static final Duration TIME = Duration.ofSeconds(5);
    /** Small, because one unit can hide a few milliseconds of work on the largest pages. */
    private static final int UNITS_BETWEEN_CLOCK_READS = 256;

    private final long deadline;
    private long left;
    private int untilClockRead = UNITS_BETWEEN_CLOCK_READS;

    Budget() {
        this(UNITS, TIME);
    }

    Budget(long units, Duration time) {
        this.left = units;
        this.deadline = System.nanoTime() + time.toNanos();
    }

    /**
     * Takes units away.
     *
     * @throws ExtractionException when nothing is left
     */
    void charge(long units) {
        left -= units;
        untilClockRead -= (int) Math.min(units, UNITS_BETWEEN_CLOCK_READS);
        if (left < 0) {
            throw exceeded();
        }
        if (untilClockRead <= 0) {
            untilClockRead = UNITS_BETWEEN_CLOCK_READS;
            if (System.nanoTime() - deadline > 0) {
                throw exceeded();
            }
        }
    }

    private static ExtractionException exceeded() {
        return new ExtractionException("it takes too long on this page: make the selector more specific.");
    }
}
