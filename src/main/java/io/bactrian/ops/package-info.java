/** What those who run this service look at: whether its parts work, and how much it has to do. */
@NullMarked
@ApplicationModule(allowedDependencies = {"outage", "outbox", "scrape :: browser"})
package io.bactrian.ops;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
