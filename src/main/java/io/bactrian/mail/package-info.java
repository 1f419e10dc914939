/** Letters to the owners of accounts, sent through the operator's mail server. */
@NullMarked
@ApplicationModule(allowedDependencies = {"outbox"})
package io.bactrian.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
