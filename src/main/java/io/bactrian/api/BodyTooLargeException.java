package io.bactrian.api;

import io.bactrian.BactrianException;

/** A body over the limit, of a request or a message. */
public final class BodyTooLargeException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException() {
        super("The request body is larger than %d MB. Send less in one request."
                .formatted(EveryRequestFilter.BODY_LIMIT >> 20));
    }

    /** @param limit in bytes, of the body of a message */
    public BodyTooLargeException(long limit) {
        super("The message is larger than %d MB. Send less in one message.".formatted(limit >> 20));
    }
}
