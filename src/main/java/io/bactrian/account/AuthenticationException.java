package io.bactrian.account;

import io.bactrian.BactrianException;

/** A request without a credential, or with one that proves nothing (any more). */
public final class AuthenticationException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private AuthenticationException(String message) {
        super(message);
    }

    static AuthenticationException missing() {
        return new AuthenticationException("Authentication required");
    }

    static AuthenticationException malformedHeader() {
        return new AuthenticationException("The Authorization header is not valid: send 'Bearer' and a token or key.");
    }

    static AuthenticationException invalidKey() {
        return new AuthenticationException("The API key is unknown or was deactivated: use an active one.");
    }

    static AuthenticationException invalidToken() {
        return new AuthenticationException("The token is not valid: sign in again.");
    }

    static AuthenticationException expiredToken() {
        return new AuthenticationException("The token has expired: sign in again.");
    }

    static AuthenticationException revokedToken() {
        return new AuthenticationException("The token was revoked by signing out: sign in again.");
    }
}
