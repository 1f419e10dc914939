package io.bactrian.intake;

import io.bactrian.BactrianException;

/** A message of which nobody knows what it asks for; its cause is what its sender is told. */
final class NotUnderstoodException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final BactrianException reason;

    NotUnderstoodException(BactrianException reason) {
        super(String.valueOf(reason.getMessage()), reason);
        this.reason = reason;
    }

    BactrianException reason() {
        return reason;
    }
}
