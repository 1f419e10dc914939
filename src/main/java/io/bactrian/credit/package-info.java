/** The ledger: credits and compute units as append-only double entry. */
@NullMarked
@ApplicationModule(allowedDependencies = {"event"})
package io.bactrian.credit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
