/** E-mail of accounts to those who want it, sent through the operator's mail server. */
@NullMarked
@ApplicationModule(allowedDependencies = {"account", "outbox"})
package io.bactrian.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
