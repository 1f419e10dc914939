/** What is sent to customers' own endpoints: signed, and again and again until they take it. */
@NullMarked
@ApplicationModule(allowedDependencies = {"account", "egress", "event", "mail", "outbox", "recovery"})
package io.bactrian.webhook;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
