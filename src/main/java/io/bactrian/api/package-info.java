/** The two public REST surfaces: who may call, what was asked, and how it is answered. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {
            "account",
            "account :: openid",
            "analytics",
            "audit",
            "billing",
            "billing :: sandbox",
            "credit",
            "export",
            "idempotency",
            "job",
            "limit",
            "mail",
            "monitor",
            "ops",
            "outage",
            "search",
            "task",
            "webhook"
        })
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
