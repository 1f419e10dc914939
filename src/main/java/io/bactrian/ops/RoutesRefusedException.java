package io.bactrian.ops;

import io.bactrian.BactrianException;

/** The files of the flow do not fit together; the message says where, and what to write. */
final class RoutesRefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    RoutesRefusedException(String message) {
        super(message);
    }
}
