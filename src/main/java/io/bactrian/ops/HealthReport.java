package io.bactrian.ops;

import java.time.Instant;

/**
 * Which parts of the service worked when they were asked.
 *
 * @param version of this build
 * @param checkedAt when they were asked
 * @param database whether PostgreSQL answers a query
 * @param broker whether Artemis accepts a connection
 * @param workers whether this node takes work from the queues, and its messages reach them
 * @param disk whether there is room for new work on the disk of the data directory
 */
public record HealthReport(
        String version, Instant checkedAt, boolean database, boolean broker, boolean workers, boolean disk) {

    /** Whether every part works. */
    public boolean healthy() {
        return database && broker && workers && disk;
    }
}
