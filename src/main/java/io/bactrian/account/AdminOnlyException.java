package io.bactrian.account;

import io.bactrian.BactrianException;

/** A valid credential that is not an administrator's token or session. */
public final class AdminOnlyException extends BactrianException {
    private static final long serialVersionUID = 1L;

    AdminOnlyException() {
        super("This is for administrators, who sign in with their e-mail and password: keys cannot do it.");
    }
}
