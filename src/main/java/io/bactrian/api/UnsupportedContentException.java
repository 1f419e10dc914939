package io.bactrian.api;

import io.bactrian.BactrianException;

/** Content of a kind that nothing here reads, in a message. */
public final class UnsupportedContentException extends BactrianException {
    private static final long serialVersionUID = 1L;

    /** @param message which kinds are read */
    public UnsupportedContentException(String message) {
        super(message);
    }
}
