package io.bactrian.ops;

import java.time.Instant;

/**
 * How much the whole service has to do, over all nodes and accounts.
 *
 * @param activeUsers accounts that created a task, or used a key, in the last 30 days
 * @param totalTasks tasks that are there, whatever their state
 * @param activeTasks those of them that are pending or running
 * @param queueLength messages in the work queues that wait for a node
 */
public record SystemMetrics(long activeUsers, long totalTasks, long activeTasks, long queueLength, Instant at) {}
