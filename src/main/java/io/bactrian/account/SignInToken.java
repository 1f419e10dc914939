package io.bactrian.account;

import java.time.Instant;
import java.util.UUID;

/**
 * The token that a caller has signed in with, as far as it takes to revoke it.
 *
 * @param id its {@code jti} claim
 * @param expiresAt when it is worthless anyway
 */
public record SignInToken(UUID id, Instant expiresAt) {}
