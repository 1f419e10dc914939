/** Accounts and what proves to be one: passwords, JSON Web Tokens, {@code sk_} and {@code msk_} keys, permissions. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
