package io.bactrian.idempotency;

import io.bactrian.BactrianException;

/** An {@code Idempotency-Key} that was used within the last 24 hours for another body. */
public final class IdempotencyConflictException extends BactrianException {
    private static final long serialVersionUID = 1L;

    IdempotencyConflictException() {
        super(
                "This Idempotency-Key was used for a request with another body. Send the same body, or choose another key.");
    }
}
