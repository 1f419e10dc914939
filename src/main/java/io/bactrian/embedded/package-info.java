/** The embedded default: a PostgreSQL and an Artemis of our own for a node that is given neither. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.embedded;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
