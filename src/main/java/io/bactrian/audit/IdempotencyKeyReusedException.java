package io.bactrian.audit;

import io.bactrian.BactrianException;

/** An {@code Idempotency-Key} that an administrator has used for another request. */
public final class IdempotencyKeyReusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    IdempotencyKeyReusedException() {
        super(
                "This Idempotency-Key was used for a request with another body. Send the same body, or choose another key.");
    }
}
