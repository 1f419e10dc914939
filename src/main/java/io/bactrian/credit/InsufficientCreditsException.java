package io.bactrian.credit;

import io.bactrian.BactrianException;

/** An account has less than the work it asks for may cost. */
public final class InsufficientCreditsException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final long required;
    private final long available;

    InsufficientCreditsException(Currency currency, long required, long available) {
        super("This needs %d %s and %d are available. Ask for less, wait for open work to end, or buy more."
                .formatted(required, currency == Currency.CREDITS ? "credits" : "compute units", available));
        this.required = required;
        this.available = available;
    }

    /** What the work may cost. */
    public long required() {
        return required;
    }

    /** What the account could have reserved. */
    public long available() {
        return available;
    }
}
