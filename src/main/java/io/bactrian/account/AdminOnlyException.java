package io.bactrian.account;

import io.bactrian.BactrianException;

/** A valid credential that is not an administrator's token or session. */
public final class AdminOnlyException extends BactrianException {
    private static final long serialVersionUID = 1L;

    AdminOnlyException() {
        super("This is for administrators, by the token or session of a sign-in: no key can do it.");
    }
}
