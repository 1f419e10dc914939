package io.bactrian.billing;

import io.bactrian.BactrianException;

/** An incoming event that is not the provider's, or that cannot be understood. */
public final class InvalidEventException extends BactrianException {
    private static final long serialVersionUID = 1L;

    public InvalidEventException(String message) {
        super(message);
    }
}
