package io.bactrian.billing;

import io.bactrian.BactrianException;

/** Two states of a subscription have the same time: which of them holds, only the provider can tell. */
final class AmbiguousStateException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final String subscription;

    AmbiguousStateException(String subscription) {
        super("Two states of the subscription " + subscription + " have the same time.");
        this.subscription = subscription;
    }

    String subscription() {
        return subscription;
    }
}
