/** How often callers may call: token buckets, shared by all nodes through the database. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.limit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
