/** Messages of enterprise systems: each becomes the call that it would have been over HTTP, and is answered as that one. */
@NullMarked
@ApplicationModule(allowedDependencies = {"api", "recovery"})
package io.bactrian.intake;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
