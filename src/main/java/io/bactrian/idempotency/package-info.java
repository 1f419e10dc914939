/** Requests that clients repeat under one {@code Idempotency-Key}: the first makes something, the others get its answer. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.idempotency;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
