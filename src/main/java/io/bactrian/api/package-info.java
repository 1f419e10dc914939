/** The two public REST surfaces: who may call, what was asked, and how it is answered. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {"account", "account :: openid", "audit", "billing", "credit", "export", "limit", "task"})
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
