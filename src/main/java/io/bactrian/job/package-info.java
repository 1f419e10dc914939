/** Searches for places as jobs: their life, their lanes, the places that they have found. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {
            "account",
            "billing",
            "credit",
            "event",
            "idempotency",
            "outbox",
            "places",
            "recovery",
            "scrape",
            "task"
        })
package io.bactrian.job;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
