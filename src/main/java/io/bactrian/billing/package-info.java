/** Plans and what they include. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.billing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
