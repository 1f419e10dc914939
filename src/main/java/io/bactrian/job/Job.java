package io.bactrian.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A search for places: what was asked, and how far it has come.
 *
 * @param number of the job, over all accounts
 * @param params as the client sent them
 * @param maxResults the most places that it may find, for which credits are reserved
 * @param error why it failed, or null
 * @param warning why a completed job may have found less than there is, or null
 * @param estimatedAt when it was expected to end, at the time of its creation
 */
public record Job(
        long number,
        UUID accountId,
        JobStatus status,
        String provider,
        ObjectNode params,
        int maxResults,
        int resultCount,
        long creditsReserved,
        long creditsUsed,
        @Nullable String error,
        @Nullable String warning,
        Instant estimatedAt,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt) {
    private static final String PREFIX = "job_";

    /** The id that clients see. */
    public String id() {
        return id(number);
    }

    /** The id of the job of that number. */
    public static String id(long number) {
        return PREFIX + number;
    }

    static long number(String id) {
        return Long.parseLong(id.substring(PREFIX.length()));
    }

    /** In whole percent of the places wanted; 100 only when the job has ended. */
    public int progress() {
        return status.ended() ? 100 : Math.min(99, resultCount * 100 / maxResults);
    }
}
