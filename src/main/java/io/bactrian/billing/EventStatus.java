package io.bactrian.billing;

import java.util.Locale;

/** What became of an event of a provider. */
public enum EventStatus {
    /** It is stored, and on its way. */
    RECEIVED,
    APPLIED,
    /** Nothing here depends on it; it is kept to be read. */
    KEPT,
    /** It tells of something that is not known yet, or the provider has to be asked; it is tried again by itself. */
    WAITING,
    /** It could not be applied; it is applied again when the operator says so. */
    FAILED;

    /** As operators read it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
