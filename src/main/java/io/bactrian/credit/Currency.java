package io.bactrian.credit;

import java.util.Locale;

/** What an account holds. */
public enum Currency {
    /** MapScraper's credits: one for each place found. */
    CREDITS,
    /** Selextract's compute units: some for each page had. */
    COMPUTE_UNITS;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
