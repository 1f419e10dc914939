package io.bactrian.account;

import io.bactrian.BactrianException;

/** An e-mail that another account has, in whatever letter case. */
public final class EmailAlreadyRegisteredException extends BactrianException {
    private static final long serialVersionUID = 1L;

    EmailAlreadyRegisteredException() {
        super("Email already registered");
    }
}
