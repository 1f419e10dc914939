/** Scraping tasks: their life, their lanes, their rows and their log. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {
            "account",
            "billing",
            "credit",
            "egress",
            "outbox",
            "scrape",
            "scrape :: html",
            "scrape :: polite",
            "scrape :: select",
            "webhook"
        })
package io.bactrian.task;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
