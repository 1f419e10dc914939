package io.bactrian.scrape.browser;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a browser starts on this node: it is tried with the first look, again after each launch for a page that failed, and
 * from time to time while it fails. The log says once what is wrong, and what to do.
 *
 * <p>Safe for use by many threads.
 */
public final class BrowserAvailability {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserAvailability.class);
    private static final Duration FIRST_REST = Duration.ofSeconds(5);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    /** What is known of the browser. */
    public enum State {
        /** It has not been tried yet. */
        STARTING,
        AVAILABLE,
        /** There is no Chromium, or no driver for it. */
        MISSING,
        /** The system does not let Chromium confine the pages. */
        NO_SANDBOX,
        /** It does not start, for another reason. */
        FAILING;

        /** The state in lower case, as {@code GET /health} has it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Starts a browser and closes it. */
    interface Trial {
        /**
         * Returns if the browser has started.
         *
         * @throws BrowserMissingException if there is none
         * @throws BrowserFailedException if it does not start
         */
        void run();
    }

    private final Trial trial;
    private State state = State.STARTING;
    private String told = "";
    private boolean trying;
    private boolean due = true;
    private boolean closed;
    private Duration rest = FIRST_REST;
    private long triedAt;

    BrowserAvailability(Trial trial) {
        this.trial = trial;
    }

    /** What is known now; begins a trial in the background where one is due. */
    public synchronized State look() {
        boolean again = state != State.AVAILABLE && System.nanoTime() - triedAt > rest.toNanos();
        if (!trying && !closed && (due || again)) {
            trying = true;
            due = false;
            // Playwright belongs to one thread, and waits in ways that would hold a carrier of virtual ones.
            Thread.ofPlatform().daemon().name("browser-trial").start(this::tryOut);
        }
        return state;
    }

    /** What is known now. */
    public synchronized State state() {
        return state;
    }

    /** Whether pages may be accepted: nothing is known against it. */
    synchronized boolean isUsable() {
        return state == State.STARTING || state == State.AVAILABLE;
    }

    /** A launch for a page has failed. One that was killed as it started looks the same, so the next look tries another. */
    synchronized void doubt() {
        due = true;
    }

    /** Begins no trial any more; what comes of one that is under way is the service's end, and says nothing. */
    synchronized void close() {
        closed = true;
    }

    private void tryOut() {
        try {
            trial.run();
            worked();
        } catch (BrowserMissingException missing) {
            failed(State.MISSING, String.valueOf(missing.getMessage()));
        } catch (BrowserFailedException failure) {
            boolean sandbox = LaunchFailure.isOfTheSandbox(failure);
            failed(
                    sandbox ? State.NO_SANDBOX : State.FAILING,
                    failure.getMessage() + " " + LaunchFailure.mend(sandbox));
        } catch (RuntimeException | Error defect) {
            LOG.debug("The trial of the browser failed unexpectedly", defect);
            failed(State.FAILING, "The trial failed unexpectedly: " + defect);
        }
    }

    private synchronized void worked() {
        if (!told.isEmpty()) {
            LOG.info("The browser starts again: advanced_scraping and searches of google-maps are accepted");
        }
        state = State.AVAILABLE;
        told = "";
        rest = FIRST_REST;
        trying = false;
    }

    private synchronized void failed(State now, String reason) {
        if (!reason.equals(told) && !closed) {
            LOG.warn(
                    "Requests for advanced_scraping and searches of google-maps are refused until a browser starts: {}",
                    reason);
        }
        rest = state == now && rest.compareTo(LONGEST_REST) < 0 ? rest.multipliedBy(2) : rest;
        state = now;
        told = reason;
        triedAt = System.nanoTime();
        trying = false;
    }
}
