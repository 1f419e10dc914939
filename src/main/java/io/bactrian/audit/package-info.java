/** The record of what administrators did to accounts. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
