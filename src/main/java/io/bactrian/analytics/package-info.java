/** What an account has done and used, counted from its tasks and the ledger; this room only reads. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.analytics;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
