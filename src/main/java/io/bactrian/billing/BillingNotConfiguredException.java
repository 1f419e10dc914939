package io.bactrian.billing;

import io.bactrian.BactrianException;

/** Payments of an API for which this service has no provider. */
public final class BillingNotConfiguredException extends BactrianException {
    private static final long serialVersionUID = 1L;

    BillingNotConfiguredException(Provider provider) {
        super("This service takes no payments through %s: its operator has set no keys. Ask the operator."
                .formatted(provider.title()));
    }
}
