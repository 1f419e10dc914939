package io.bactrian.api;

import io.bactrian.BactrianException;

/** A body for which this node, or the client's part of it, has no room at the moment. */
final class BodiesBusyException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BodiesBusyException() {
        super("Too many request bodies are being received. Send fewer at once, and try again in a moment.");
    }
}
