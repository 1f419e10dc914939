package io.bactrian.account.openid;

import org.jspecify.annotations.Nullable;

/**
 * Who a provider says has signed in, by an ID token that was found right in all but its nonce.
 *
 * @param issuer the provider
 * @param subject the person's id at the provider, which never changes and is never given to another
 * @param email null where the provider tells none
 * @param emailVerified whether the provider vouches for the address
 * @param nonce what the sign-in was begun with, for the caller to look up
 */
public record OpenIdIdentity(
        String issuer,
        String subject,
        @Nullable String email,
        boolean emailVerified,
        @Nullable String name,
        @Nullable String picture,
        String nonce) {}
