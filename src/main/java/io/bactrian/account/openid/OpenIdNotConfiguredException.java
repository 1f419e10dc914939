package io.bactrian.account.openid;

import io.bactrian.BactrianException;

/** A sign-in by an OpenID provider where the operator has configured none. */
public final class OpenIdNotConfiguredException extends BactrianException {
    private static final long serialVersionUID = 1L;

    OpenIdNotConfiguredException() {
        super(
                "Google sign-in is not configured here: sign in with e-mail and password, or ask the operator to set spring.security.oauth2.client.registration.google.client-id.");
    }
}
