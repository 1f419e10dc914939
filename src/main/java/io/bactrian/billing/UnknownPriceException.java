package io.bactrian.billing;

import io.bactrian.BactrianException;

/** A subscription to something that is none of the plans of this service. */
public final class UnknownPriceException extends BactrianException {
    private static final long serialVersionUID = 1L;

    UnknownPriceException(Provider provider, String price) {
        super(
                "%s's price %s belongs to no plan. Add it to bactrian.billing.%s.%s, start again, and apply the event again."
                        .formatted(
                                provider.title(),
                                price,
                                provider.code(),
                                provider == Provider.STRIPE ? "prices" : "variants"));
    }
}
