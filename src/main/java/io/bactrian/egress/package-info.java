/** Everything that leaves: the guard over addresses, and the one HTTP client behind it. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.egress;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
