/** The embedded default: PostgreSQL and Artemis, started by a node that is given no others. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.embedded;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
