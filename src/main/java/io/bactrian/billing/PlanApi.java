package io.bactrian.billing;

import java.util.Locale;

/** The API that a plan belongs to: an account has one plan for each, independent of each other. */
public enum PlanApi {
    SELEXTRACT,
    MAPSCRAPER;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static PlanApi of(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
