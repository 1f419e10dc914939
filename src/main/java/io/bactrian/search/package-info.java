/** Searches for places that are saved and repeated: when they are due, their runs, and the news of places not seen before. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {"account", "credit", "event", "job", "mail", "outbox", "recovery", "schedule"})
package io.bactrian.search;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
