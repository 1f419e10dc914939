package io.bactrian.ops;

import java.time.Instant;
import java.util.Map;

/**
 * Which parts of the service worked when they were asked.
 *
 * @param version of this build
 * @param checkedAt when they were asked
 * @param database whether PostgreSQL answers a query
 * @param broker whether Artemis accepts a connection
 * @param workers whether this node takes work from the queues and returns from it, its clocks tick, and its messages reach them
 * @param disk whether there is room for new work on the disk of the data directory
 * @param browser whether a browser starts on this node: {@code available}, {@code starting}, or what is wrong
 * @param schedules when each route that begins with a clock ticked last on this node, by its id
 */
public record HealthReport(
        String version,
        Instant checkedAt,
        boolean database,
        boolean broker,
        boolean workers,
        boolean disk,
        String browser,
        Map<String, Instant> schedules) {

    /** Whether every part works. A node without a browser is healthy: it serves everything else. */
    public boolean healthy() {
        return database && broker && workers && disk;
    }
}
