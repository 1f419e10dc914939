/** Scraping tasks: their life, their lanes, their rows and their log. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {
            "account",
            "billing",
            "credit",
            "egress",
            "event",
            "idempotency",
            "outbox",
            "recovery",
            "scrape",
            "scrape :: html",
            "scrape :: polite",
            "scrape :: select"
        })
package io.bactrian.task;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
