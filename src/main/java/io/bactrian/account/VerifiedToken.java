package io.bactrian.account;

import java.time.Instant;
import java.util.UUID;

/**
 * The claims of a token whose signature was right.
 *
 * @param kid the key that signed it
 * @param jti the token's own id
 * @param api the API that issued it
 */
record VerifiedToken(UUID kid, UUID accountId, UUID jti, Issuer api, Instant issuedAt, Instant expiresAt) {}
