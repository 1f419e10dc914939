package io.bactrian.api;

import io.bactrian.BactrianException;

/** A body over the limit, of a request or a message. */
public final class BodyTooLargeException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** @param limit in bytes, of the body of a request */
    BodyTooLargeException(int limit) {
        super("The request body is larger than %s. Send less in one request."
                .formatted(limit < 1 << 20 ? (limit >> 10) + " KB" : (limit >> 20) + " MB"));
    }

    /** @param limit in bytes, of the body of a message */
    public BodyTooLargeException(long limit) {
        super("The message is larger than %d MB. Send less in one message.".formatted(limit >> 20));
    }
}
