package io.bactrian.task;

import java.util.List;

/**
 * One page of an account's tasks.
 *
 * @param total how many tasks match the filter on all pages
 */
public record TaskPage(List<Task> tasks, long total) {}
