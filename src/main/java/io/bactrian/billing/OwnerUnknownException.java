package io.bactrian.billing;

import io.bactrian.BactrianException;
import org.jspecify.annotations.Nullable;

/** What a provider tells of depends on something that is not known yet, and may be in a moment. */
final class OwnerUnknownException extends BactrianException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String awaited;

    /** @param awaited what has to be known first, by one of the methods below; null where only time helps */
    OwnerUnknownException(String message, @Nullable String awaited) {
        super(message);
        this.awaited = awaited;
    }

    @Nullable
    String awaited() {
        return awaited;
    }

    static String subscription(String id) {
        return "subscription:" + id;
    }

    static String customer(String id) {
        return "customer:" + id;
    }

    static String invoice(String id) {
        return "invoice:" + id;
    }
}
