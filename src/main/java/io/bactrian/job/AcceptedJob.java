package io.bactrian.job;

import java.time.Instant;

/** What a client is told of a job that has just been accepted. */
public record AcceptedJob(String id, Instant createdAt, Instant estimatedAt) {
    /** The number in the id. */
    public long number() {
        return Job.number(id);
    }
}
