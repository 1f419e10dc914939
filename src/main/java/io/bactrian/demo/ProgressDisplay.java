package io.bactrian.demo;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how far work has come: a bar that redraws itself in a terminal, and elsewhere a plain line at each tenth of the way.
 *
 * <p>Not thread-safe.
 */
final class ProgressDisplay {
    private static final int BAR_WIDTH = 32;
    private static final int LINE_WIDTH = 79;
    private static final int STEP_PERCENT = 10;

    private final PrintStream out;
    private final boolean terminal;
    private final int total;
    private final String things;
    private int lastStep = -1;

    /**
     * @param terminal whether {@code out} is one, so that a carriage return overwrites the line
     * @param total how many things there are, at least 1
     * @param things what they are, such as {@code pages}
     */
    ProgressDisplay(PrintStream out, boolean terminal, int total, String things) {
        this.out = out;
        this.terminal = terminal;
        this.total = total;
        this.things = things;
    }

    /**
     * Shows a state.
     *
     * @param done how many are done
     * @param elapsed how long they took
     */
    void show(int done, Duration elapsed) {
        int percent = (int) (100L * Math.clamp(done, 0, total) / total);
        if (terminal) {
            String line = String.format(
                    Locale.ROOT,
                    "  %s %3d %%  %d of %d %s%s",
                    bar(percent, out.charset()),
                    percent,
                    done,
                    total,
                    things,
                    speed(done, elapsed));
            out.print("\r" + pad(line));
            out.flush();
        } else if (percent / STEP_PERCENT > lastStep) {
            lastStep = percent / STEP_PERCENT;
            out.println(String.format(Locale.ROOT, "  %3d %%  %d of %d %s", percent, done, total, things));
        }
    }

    /** Leaves the bar as it is and goes on to a new line. */
    void finish() {
        if (terminal) {
            out.println();
        }
    }

    private static String bar(int percent, Charset charset) {
        // A machine without a locale has an ASCII terminal as far as Java knows, which would show question marks.
        boolean blocks = canShow("█░", charset);
        int filled = percent * BAR_WIDTH / 100;
        return (blocks ? "█" : "#").repeat(filled) + (blocks ? "░" : ".").repeat(BAR_WIDTH - filled);
    }

    /** Whether every character of {@code text} exists in the character set. */
    static boolean canShow(String text, Charset charset) {
        return charset.equals(StandardCharsets.UTF_8) || charset.newEncoder().canEncode(text);
    }

    private String speed(int done, Duration elapsed) {
        double seconds = elapsed.toNanos() / 1e9;
        if (done == 0 || seconds < 0.2) {
            return "";
        }
        double speed = done / seconds;
        return String.format(Locale.ROOT, speed < 9.95 ? "  %.1f %s/s" : "  %.0f %s/s", speed, things);
    }

    /** Spaces up to the width of the line, so that a shorter line leaves nothing of a longer one behind. */
    private static String pad(String line) {
        return line + " ".repeat(Math.max(0, LINE_WIDTH - line.length()));
    }
}
