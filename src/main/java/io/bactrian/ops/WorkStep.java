package io.bactrian.ops;

import java.time.Duration;

/** One message or tick that a route of this node works on, from its arrival until the route is done with it. */
final class WorkStep {
    private final String route;
    private final Thread thread = Thread.currentThread();
    private final Duration begun;

    private boolean stuck;
    private boolean ended;

    /** @param begun the time of the watch */
    WorkStep(String route, Duration begun) {
        this.route = route;
        this.begun = begun;
    }

    String route() {
        return route;
    }

    Duration begun() {
        return begun;
    }

    /** Where its thread is now. */
    StackTraceElement[] stack() {
        return thread.getStackTrace();
    }

    /** Whether its thread is gone. */
    boolean isAbandoned() {
        return !thread.isAlive();
    }

    synchronized boolean isStuck() {
        return stuck && !ended;
    }

    /**
     * Interrupts the step's thread, unless the step has ended: the thread then works for another.
     *
     * @return whether it was interrupted, which happens once
     */
    synchronized boolean interrupt() {
        if (stuck || ended) {
            return false;
        }
        stuck = true;
        thread.interrupt();
        return true;
    }

    /** Ends the step; an interrupt that it has not noticed must not meet the next one. */
    synchronized void end() {
        ended = true;
        if (stuck && Thread.currentThread().equals(thread)) {
            Thread.interrupted();
        }
    }
}
