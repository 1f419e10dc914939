package io.bactrian.task;

import io.bactrian.BactrianException;

/** A plan that has basic scraping only was asked for advanced scraping. */
public final class AdvancedScrapingNotIncludedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    AdvancedScrapingNotIncludedException(String plan) {
        super("The %s plan includes basic scraping only. Choose simple_scraping or bulk_scraping, or a higher plan."
                .formatted(plan));
    }
}
