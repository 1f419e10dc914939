package io.bactrian.account;

import io.bactrian.BactrianException;

/** An e-mail and password that do not belong together; whether the e-mail is registered stays unsaid. */
public final class InvalidCredentialsException extends BactrianException {
    private static final long serialVersionUID = 1L;

    InvalidCredentialsException() {
        super("Invalid credentials");
    }
}
