package io.bactrian.places.google;

/** What a page has turned out to be. */
enum Arrival {
    /** The page that was asked for. */
    THERE,
    /** The one that takes us for a robot. */
    BLOCKED,
    /** The one that asks for consent, and does not let itself be passed. */
    CONSENT,
    /** None that is known here. */
    UNKNOWN
}
