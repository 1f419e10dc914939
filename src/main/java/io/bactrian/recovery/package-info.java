/** Work that was lost or that fails: when it is issued again, why it failed, when it is abandoned, and its dead letters. */
@NullMarked
@ApplicationModule(allowedDependencies = "outage")
package io.bactrian.recovery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
