package io.bactrian.task;

import java.util.UUID;

/**
 * What receivers of events are told of a task that has ended.
 *
 * @param userId its account
 * @param resultUrl as in the task itself
 * @param rows pages that have a row
 * @param failedRows those of them that have an error
 */
record EndedTask(
        UUID taskId,
        UUID userId,
        String name,
        String taskType,
        String status,
        String resultUrl,
        long computeUnitsConsumed,
        int rows,
        int failedRows) {}
