package io.bactrian.billing;

import io.bactrian.BactrianException;

/** Two states of a subscription have the same time: which of them holds, only the provider can tell. */
final class AmbiguousStateException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final String subscription;
    private final int version;

    /** @param version of the subscription that is stored */
    AmbiguousStateException(String subscription, int version) {
        super("Two states of the subscription " + subscription + " have the same time.");
        this.subscription = subscription;
        this.version = version;
    }

    String subscription() {
        return subscription;
    }

    int version() {
        return version;
    }
}
