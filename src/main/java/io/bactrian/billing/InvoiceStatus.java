package io.bactrian.billing;

import java.util.Locale;

/** Where an invoice stands. It only ever goes on in this order, though it may leave some out. */
public enum InvoiceStatus {
    DRAFT,
    /** It is due, or its payment is tried again. */
    OPEN,
    /** The provider has given up on it. */
    UNCOLLECTIBLE,
    VOID,
    PAID,
    PARTIALLY_REFUNDED,
    REFUNDED;

    /** Whether its money came, whatever was returned of it later. */
    boolean paid() {
        return this == PAID || this == PARTIALLY_REFUNDED || this == REFUNDED;
    }

    /** As clients read it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
