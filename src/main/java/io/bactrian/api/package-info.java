/** The two public REST surfaces: who may call, what was asked, and how it is answered. */
@NullMarked
@ApplicationModule(allowedDependencies = {"account", "analytics", "billing", "credit", "export", "ops", "task"})
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
