package io.bactrian.demo;

import io.bactrian.BactrianException;

/** The demonstration cannot go on; the message says why and what to do. */
public final class DemoException extends BactrianException {
    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
