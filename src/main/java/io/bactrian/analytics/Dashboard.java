package io.bactrian.analytics;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * How an account stands at this moment.
 *
 * @param active tasks that are pending or running
 * @param completedToday tasks that were completed since midnight in UTC
 * @param computeUnitsToday compute units consumed since then
 * @param successRate the part that was completed of the tasks which were completed or failed in the last 30 days, rounded
 *     to thousandths; 0 where there were none
 * @param recent the newest tasks, at most 10
 */
public record Dashboard(
        long active, long completedToday, long computeUnitsToday, double successRate, List<RecentTask> recent) {

    /** One of the newest tasks. */
    public record RecentTask(UUID id, String name, String status, Instant createdAt) {}
}
