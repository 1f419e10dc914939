package io.bactrian.ops;

import io.bactrian.BactrianException;

/** What the broker alone knows cannot be told, because it does not answer. */
public final class BrokerUnavailableException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BrokerUnavailableException(Throwable cause) {
        super("The message broker does not answer. See GET /health, and try again when it is healthy.", cause);
    }
}
