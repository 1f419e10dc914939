package io.bactrian.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.scrape.select.NextLink;

/**
 * That a task goes on from each page to the next one ({@code config.follow}).
 *
 * @param next where a page says which that is
 * @param maxPages how many pages each URL of the task has at most, itself included
 */
record Follow(NextLink next, int maxPages) {
    private static final String FIELD = "follow";
    private static final int USUAL_PAGES = 10;

    /** How many pages each URL of a task with that config has at most. */
    static int pages(JsonNode config) {
        return config.hasNonNull(FIELD) ? config.path(FIELD).path("max_pages").asInt(USUAL_PAGES) : 1;
    }
}
