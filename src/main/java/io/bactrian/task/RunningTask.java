package io.bactrian.task;

import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.select.SelectorPlan;
import org.jspecify.annotations.Nullable;

/**
 * What every step of a task needs and no step changes.
 *
 * @param rateLimit requests a second to each host, or null
 * @param pagesOfUrl how many pages each URL has at most; more than one where next pages are followed
 */
record RunningTask(
        TaskType type,
        SelectorPlan plan,
        ScrapeOptions options,
        int retryAttempts,
        @Nullable Double rateLimit,
        int pagesOfUrl) {}
