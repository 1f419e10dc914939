package io.bactrian.billing;

import io.bactrian.BactrianException;

/** A change of a plan that the account does not have. */
public final class NoSubscriptionException extends BactrianException {
    private static final long serialVersionUID = 1L;

    NoSubscriptionException() {
        super("No active subscription");
    }
}
