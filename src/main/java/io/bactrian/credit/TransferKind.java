package io.bactrian.credit;

import java.util.Locale;

/** A way in which units move between the four buckets of an account. */
public enum TransferKind {
    /** Units from outside, such as a welcome bonus. */
    GRANT("issued", "available"),
    /** The units that a plan gives for a period. */
    REFILL("issued", "available"),
    /** Units that were paid for. */
    PURCHASE("issued", "available"),
    /** Units that were paid for and are taken back. */
    REFUND("available", "issued"),
    /** Units that end without having been used. */
    EXPIRE("available", "issued"),
    /** Units set aside for work under way. */
    RESERVE("available", "reserved"),
    /** Reserved units that work has used. */
    SETTLE("reserved", "used"),
    /** Reserved units that work did not use. */
    RELEASE("reserved", "available");

    private final String from;
    private final String to;

    TransferKind(String from, String to) {
        this.from = from;
        this.to = to;
    }

    String from() {
        return from;
    }

    String to() {
        return to;
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TransferKind of(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
