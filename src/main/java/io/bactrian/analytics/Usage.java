package io.bactrian.analytics;

import java.time.Instant;
import java.util.List;

/**
 * What an account did and used in a range of days.
 *
 * @param start the first second of the range
 * @param end the last second of the range
 * @param tasks tasks created in the range that are still there, whatever became of them
 * @param completed those of them that are completed
 * @param failed those of them that have failed
 * @param computeUnits what was consumed in the range, by tasks that have been deleted too
 * @param types the number of tasks of each type, most first
 */
public record Usage(
        Instant start, Instant end, long tasks, long completed, long failed, long computeUnits, List<TypeCount> types) {

    /** The number of tasks of one type, such as {@code simple_scraping}. */
    public record TypeCount(String type, long count) {}
}
