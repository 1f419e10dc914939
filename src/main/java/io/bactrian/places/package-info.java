/** Places: what they are, and the providers that search for them. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {
            "egress",
            "scrape",
            "scrape::browser",
            "scrape::html",
            "scrape::page",
            "scrape::polite",
            "scrape::select"
        })
package io.bactrian.places;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
