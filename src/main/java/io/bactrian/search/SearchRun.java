package io.bactrian.search;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a saved search at a time that it was due.
 *
 * @param jobId null where no job could be made, and before one is
 * @param startedAt when the job began to run, or the run failed without a job; null before
 * @param resultCount places found
 * @param newCount those of them that no earlier run of the search had found; known when the run has completed
 * @param status queued, running, completed, failed or cancelled
 * @param error why it failed, or null
 * @param emailError why the e-mail of its news was held back, or null
 */
public record SearchRun(
        @Nullable String jobId,
        Instant scheduledFor,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        int resultCount,
        int newCount,
        long creditsUsed,
        String status,
        @Nullable String error,
        @Nullable String emailError) {}
