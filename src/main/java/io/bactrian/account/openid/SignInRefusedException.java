package io.bactrian.account.openid;

import io.bactrian.BactrianException;

/** A sign-in by an OpenID provider that proves nothing: its code, its ID token or the account it names is not acceptable. */
public final class SignInRefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    public SignInRefusedException(String message) {
        super(message);
    }

    public SignInRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
