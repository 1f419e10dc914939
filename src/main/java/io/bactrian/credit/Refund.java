package io.bactrian.credit;

/**
 * What came of the wish to take a purchase back.
 *
 * @param made whether the units were taken back, now or when the same refund was asked for before; otherwise nothing moved
 * @param available what the account has available
 */
public record Refund(boolean made, long available) {}
