/** What happened, told to everyone who listens: consumers of the broker's topic, and customers' webhooks. */
@NullMarked
@ApplicationModule(allowedDependencies = {"outbox"})
package io.bactrian.event;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
