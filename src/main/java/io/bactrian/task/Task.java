package io.bactrian.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A scraping task as it is at one moment.
 *
 * @param config what the client sent, without its URLs, and with masks for its headers and cookies ({@link TaskSecrets})
 * @param urls the URLs in the client's order; in a list of tasks only the first hundred
 * @param pagesTotal pages that the task has, or may still come to have
 * @param pagesDone pages that have a row
 * @param unitsEstimated compute units if every page is had
 * @param unitsConsumed compute units for the pages had, once the task has ended
 */
public record Task(
        UUID id,
        UUID accountId,
        String name,
        @Nullable String description,
        TaskType type,
        TaskStatus status,
        int priority,
        ObjectNode config,
        List<String> urls,
        int pagesTotal,
        int pagesDone,
        long unitsEstimated,
        long unitsConsumed,
        @Nullable String errorMessage,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt) {

    /** The share of pages done, in whole percent; 100 only when all are. */
    public int progress() {
        return (int) (pagesDone * 100L / pagesTotal);
    }

    /** How many pages each URL has at most; more than one where next pages are followed. */
    public int pagesOfUrl() {
        return Follow.pages(config);
    }

    Task withUrls(List<String> all) {
        return new Task(
                id,
                accountId,
                name,
                description,
                type,
                status,
                priority,
                config,
                all,
                pagesTotal,
                pagesDone,
                unitsEstimated,
                unitsConsumed,
                errorMessage,
                createdAt,
                updatedAt,
                startedAt,
                completedAt);
    }
}
