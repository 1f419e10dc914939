package io.bactrian.embedded;

import io.bactrian.BactrianException;

/** The service cannot start here; the message is one sentence that says why, and one that says what to do. */
final class StartupRefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    StartupRefusedException(String message) {
        super(message);
    }

    StartupRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
