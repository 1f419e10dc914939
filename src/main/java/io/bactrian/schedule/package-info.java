/** When something that is repeated is due: cron expressions as crontab(5) reads them, and plain words such as daily. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.schedule;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
