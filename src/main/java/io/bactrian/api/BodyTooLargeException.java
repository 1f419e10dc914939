package io.bactrian.api;

import io.bactrian.BactrianException;

/** A request body over the limit. */
final class BodyTooLargeException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException() {
        super("The request body is larger than %d MB. Send less in one request."
                .formatted(EveryRequestFilter.BODY_LIMIT >> 20));
    }
}
