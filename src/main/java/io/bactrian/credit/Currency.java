package io.bactrian.credit;

import java.util.Locale;

/** A unit that accounts hold and pay with. */
public enum Currency {
    /** MapScraper's credits: one for each place found. */
    CREDITS,
    /** Selextract's compute units: as many for each page had as its task's type costs. */
    COMPUTE_UNITS;

    /** The name that clients and the database know. */
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
