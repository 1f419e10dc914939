package io.bactrian.places.google;

import org.jspecify.annotations.Nullable;

/** Checks of what the site's file says. */
final class Settings {
    private Settings() {}

    static void require(@Nullable Object value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing.");
        }
    }

    static void require(boolean sensible, String message) {
        if (!sensible) {
            throw new IllegalArgumentException(message);
        }
    }
}
