package io.bactrian.billing;

import io.bactrian.BactrianException;

/** What a provider refuses to do, in words that it means for the customer. */
public final class PaymentRefusedException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final boolean payment;

    /** @param payment whether it is the payment that was refused, and not the request */
    public PaymentRefusedException(String message, boolean payment) {
        super(message);
        this.payment = payment;
    }

    public boolean payment() {
        return payment;
    }
}
