/** What the service needs and may be away: the database, the broker, space on the disk; noticed at once, told now and then. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.outage;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
