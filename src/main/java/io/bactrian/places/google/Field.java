package io.bactrian.places.google;

import java.util.Locale;

/** What is looked for on the page of a place, by the name that it has under {@code fields} in the site's file. */
enum Field {
    TITLE,
    CATEGORIES,
    FULL_ADDRESS,
    STREET,
    NEIGHBORHOOD,
    CITY,
    STATE,
    POSTAL_CODE,
    COUNTRY,
    LINK,
    RATING,
    REVIEW_COUNT,
    PRICE,
    LATITUDE,
    LONGITUDE,
    WEBSITE,
    PHONE,
    PLUS_CODE,
    PLACE_ID,
    FEATURE_ID,
    STATUS,
    OWNER,
    CLAIM,
    IMAGES;

    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
