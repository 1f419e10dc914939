package io.bactrian.webhook;

import java.util.Locale;

/** How far a delivery has come. */
public enum DeliveryStatus {
    /** Its next attempt is due at some time, or under way. */
    PENDING,
    /** The receiver has taken it. */
    DELIVERED,
    /** It was given up. */
    FAILED;

    /** The name as clients know it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status of that name. */
    public static DeliveryStatus of(String value) {
        return valueOf(value.toUpperCase(Locale.ROOT));
    }
}
