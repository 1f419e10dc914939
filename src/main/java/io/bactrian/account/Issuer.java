package io.bactrian.account;

import java.util.Locale;

/** The API that issued a credential; it decides the shape of what the two paths that both APIs have answer. */
public enum Issuer {
    SELEXTRACT,
    MAPSCRAPER;

    /** The name in a token's {@code api} claim. */
    String claim() {
        return name().toLowerCase(Locale.ROOT);
    }
}
