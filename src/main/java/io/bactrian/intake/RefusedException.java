package io.bactrian.intake;

import io.bactrian.BactrianException;
import io.bactrian.api.MessageOperation;

/** A message that was understood and is refused, as its request would have been. */
final class RefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final BactrianException reason;
    private final MessageOperation operation;

    RefusedException(BactrianException reason, MessageOperation operation) {
        super(String.valueOf(reason.getMessage()), reason);
        this.reason = reason;
        this.operation = operation;
    }

    BactrianException reason() {
        return reason;
    }

    MessageOperation operation() {
        return operation;
    }
}
