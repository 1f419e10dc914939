package io.bactrian.api;

import io.bactrian.BactrianException;

/** A download of an account, or on a node, that has as many under way as it may. */
final class TooManyDownloadsException extends BactrianException {
    private static final long serialVersionUID = 1L;

    TooManyDownloadsException() {
        super("Too many downloads are under way. Wait for one of yours to end, and try again.");
    }
}
