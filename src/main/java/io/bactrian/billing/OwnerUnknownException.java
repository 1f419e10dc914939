package io.bactrian.billing;

import io.bactrian.BactrianException;

/** What a provider tells of depends on something that is not known yet, and may be in a moment. */
final class OwnerUnknownException extends BactrianException {
    private static final long serialVersionUID = 1L;

    OwnerUnknownException(String message) {
        super(message);
    }
}
