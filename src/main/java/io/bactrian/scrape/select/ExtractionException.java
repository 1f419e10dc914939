package io.bactrian.scrape.select;

import io.bactrian.BactrianException;

/** A page to which a selector plan cannot be applied; its message is for the owner of the task. */
public final class ExtractionException extends BactrianException {
    private static final long serialVersionUID = 1L;

    ExtractionException(String message) {
        super(message);
    }

    ExtractionException(String message, Throwable cause) {
        super(message, cause);
    }
}
