package io.bactrian.api;

import io.bactrian.BactrianException;

/** A change that a session's cookie asks for without the session's CSRF token. */
final class CsrfException extends BactrianException {
    private static final long serialVersionUID = 1L;

    CsrfException() {
        super("A change by session needs the value of the cookie %s in the header %s."
                .formatted(SessionCookies.CSRF, SessionCookies.CSRF_HEADER));
    }
}
