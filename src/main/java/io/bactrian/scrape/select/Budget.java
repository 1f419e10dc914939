package io.bactrian.scrape.select;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The work that one extraction may do, so that a hostile selector or page costs a bounded time.
 *
 * <p>A unit is about as much as a visit to one node. The time limit stands beside it because units are estimates. It counts
 * the processor's time, so that a busy node gives a page no less work than an idle one. Used by the thread that made it.
 */
final class Budget {
    private static final long UNITS = 500_000_000;
    private static final Duration TIME = Duration.ofSeconds(5);
    /** Small, because one unit can hide a few milliseconds of work on the largest pages. */
    private static final int UNITS_BETWEEN_CLOCK_READS = 256;

    private static final int CHARACTERS_FOR_A_UNIT = 16;

    /** Asking for the processor's time is a call to the system. */
    private static final long BETWEEN_LOOKS = Duration.ofMillis(2).toNanos();

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final LongSupplier time;
    private final long deadline;
    private final ProcessorTurns.@Nullable Turn turn;
    private long left;
    private long lookedAt = System.nanoTime();
    private int untilClockRead = UNITS_BETWEEN_CLOCK_READS;

    Budget() {
        this(UNITS, TIME, null);
    }

    /** @param turn what the work rests in when others wait */
    Budget(ProcessorTurns.Turn turn) {
        this(UNITS, TIME, turn);
    }

    Budget(long units, Duration time) {
        this(units, time, null);
    }

    private Budget(long units, Duration limit, ProcessorTurns.@Nullable Turn turn) {
        this.left = units;
        this.turn = turn;
        this.time = Thread.currentThread().isVirtual() || !THREADS.isCurrentThreadCpuTimeSupported()
                ? System::nanoTime
                : THREADS::getCurrentThreadCpuTime;
        this.deadline = time.getAsLong() + limit.toNanos();
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
            look();
        }
    }

    /** Charges for reading a text. */
    void chargeText(int length) {
        charge(1L + length / CHARACTERS_FOR_A_UNIT);
    }

    /**
     * Looks at the clock, before work whose units are not known.
     *
     * @throws ExtractionException when no time is left
     */
    void look() {
        untilClockRead = UNITS_BETWEEN_CLOCK_READS;
        long now = System.nanoTime();
        if (now - lookedAt < BETWEEN_LOOKS) {
            return;
        }
        lookedAt = now;
        if (time.getAsLong() - deadline > 0) {
            throw exceeded();
        }
        rest();
    }

    private void rest() {
        if (turn == null) {
            return;
        }
        try {
            turn.rest();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("The extraction was interrupted.");
        }
    }

    private static ExtractionException exceeded() {
        return new ExtractionException("it takes too long on this page: make the selector more specific.");
    }
}
