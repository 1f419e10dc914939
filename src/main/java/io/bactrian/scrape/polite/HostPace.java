package io.bactrian.scrape.polite;

import java.time.Duration;

/**
 * How fast a host may be asked.
 *
 * @param key names the clock that holds it
 * @param interval from one request to the next; zero where there is no limit
 * @param concurrentRequests requests under way at once
 */
public record HostPace(String key, Duration interval, int concurrentRequests) {
    /** How much earlier than a whole interval after the last one a request may go, where that one was late. */
    static final Duration TOLERANCE = Duration.ofMillis(100);

    private static final double NANOS = 1e9;
    private static final int ANY_NUMBER = Integer.MAX_VALUE;

    /**
     * So many requests in any second, of which so many at once.
     *
     * <p>The interval is stretched by the tolerance, spread over a second's requests. So as many intervals as there are
     * requests in a second take a second and the tolerance, and one request more than that never fits into a second.
     */
    static HostPace of(String key, double requestsPerSecond, int concurrentRequests) {
        double seconds = 1 / requestsPerSecond;
        double stretch = TOLERANCE.toNanos() / NANOS / Math.max(1, requestsPerSecond);
        return new HostPace(key, Duration.ofNanos((long) Math.ceil((seconds + stretch) * NANOS)), concurrentRequests);
    }

    static HostPace unlimited(String key) {
        return new HostPace(key, Duration.ZERO, ANY_NUMBER);
    }

    /** The pace that a task sets itself towards this host, beside the host's own. */
    public HostPace ofTask(String task, double requestsPerSecond) {
        // No host has a space in it.
        return of("task " + task + " " + key, requestsPerSecond, ANY_NUMBER);
    }

    /** The pace that the operator sets for a server of its own, whatever pages of the same host get. */
    public HostPace ofOwnServer(double requestsPerSecond, int atOnce) {
        return of(key, requestsPerSecond, atOnce);
    }

    /** The slower of this pace and the one that a usage policy sets, which is kept even where this one has no limit. */
    public HostPace atMost(double requestsPerSecond, int atOnce) {
        HostPace policy = of(key, requestsPerSecond, atOnce);
        return new HostPace(
                key,
                interval.compareTo(policy.interval) > 0 ? interval : policy.interval,
                Math.min(concurrentRequests, atOnce));
    }

    /** Whether there is anything to wait for. */
    public boolean limited() {
        return !interval.isZero();
    }

    boolean limitsConcurrency() {
        return concurrentRequests != ANY_NUMBER;
    }

    /** The slower of this pace and one request each {@code delay}. */
    HostPace withDelay(Duration delay) {
        if (delay.isZero() || !limited()) {
            return this;
        }
        Duration wanted = delay.plus(TOLERANCE);
        return wanted.compareTo(interval) > 0 ? new HostPace(key, wanted, concurrentRequests) : this;
    }
}
