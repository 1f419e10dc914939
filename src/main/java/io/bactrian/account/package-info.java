/**
 * Accounts and what proves to be one: passwords, JSON Web Tokens, {@code sk_} and {@code msk_} keys, permissions, sign-in by an
 * OpenID provider.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {"egress"})
package io.bactrian.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
