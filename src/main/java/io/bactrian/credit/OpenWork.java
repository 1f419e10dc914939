package io.bactrian.credit;

/** What a room has under way and reserved units for, so that the ledger's reservations can be held against it. */
@FunctionalInterface
public interface OpenWork {
    /**
     * A constant SQL query without parameters, with one row for each piece of work that still holds units: its
     * {@code account_id}, {@code currency} (as in {@code credit_balance}), {@code reference} (as it was reserved) and
     * {@code amount}, above zero.
     */
    String query();
}
