package io.bactrian.job;

import java.util.List;

/**
 * One page of a list of jobs.
 *
 * @param total how many jobs the whole list has
 */
public record JobPage(List<Job> jobs, long total) {}
