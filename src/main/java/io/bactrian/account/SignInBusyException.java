package io.bactrian.account;

import io.bactrian.BactrianException;

/** A sign-in or registration for which there is no place in the queue of passwords to be hashed. */
public final class SignInBusyException extends BactrianException {
    private static final long serialVersionUID = 1L;

    SignInBusyException() {
        super("Too many people sign in at this moment. Try again in a few seconds.");
    }
}
