package io.bactrian.billing;

/** What a checkout is for. */
public enum CheckoutKind {
    /** Credits, once. */
    PACKAGE,
    /** A subscription to a plan. */
    PLAN
}
