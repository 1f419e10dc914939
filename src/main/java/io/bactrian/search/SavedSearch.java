package io.bactrian.search;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A search for places that is repeated on a schedule.
 *
 * @param test whether it was saved with a test key, so that its jobs are small and free
 * @param nextRunAt null while it is not active
 * @param lastRunAt the time that its last run was due, or null before the first
 */
public record SavedSearch(
        long id,
        UUID accountId,
        SearchDefinition definition,
        boolean test,
        @Nullable Instant nextRunAt,
        @Nullable Instant lastRunAt,
        Instant createdAt) {}
