/** Money: plans and their periods, checkouts, subscriptions and invoices, and what payment providers tell of them. */
@NullMarked
@ApplicationModule(
        allowedDependencies = {"account", "credit", "egress", "event", "mail", "outbox", "persistence", "recovery"})
package io.bactrian.billing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
