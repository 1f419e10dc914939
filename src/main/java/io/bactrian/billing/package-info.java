/** Plans, what they include, and the periods in which accounts have them. */
@NullMarked
@ApplicationModule(allowedDependencies = {"account", "credit"})
package io.bactrian.billing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
