/** Pages that are checked again and again: when, what has changed since, and who is told. */
@NullMarked
@ApplicationModule(allowedDependencies = {"account", "event", "mail", "outbox", "recovery", "schedule", "task"})
package io.bactrian.monitor;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
