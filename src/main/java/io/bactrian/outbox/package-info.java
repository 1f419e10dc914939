/** The transactional outbox: messages written in the transaction that causes them, sent after its commit. */
@NullMarked
@ApplicationModule(allowedDependencies = "outage")
package io.bactrian.outbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
