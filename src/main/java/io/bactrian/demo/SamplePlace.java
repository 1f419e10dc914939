package io.bactrian.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place of the {@linkplain SampleMap sample map}. What is null, or empty in a list, the map does not know either.
 *
 * @param number its place in the gazetteer, from 1
 * @param term the search term that finds it, such as {@code coffee}
 * @param placeId begins with {@code ChIJ}; unique
 * @param featureId two hexadecimal numbers, such as {@code 0x1a:0x2b}, of which the second is the {@code cid}
 * @param cid an unsigned 64-bit number in decimal
 * @param categories in English, the main one first
 * @param latitude in degrees (WGS 84)
 * @param longitude in degrees (WGS 84)
 * @param rating from 1 to 5, with one decimal
 * @param priceLevel from 1, cheap, to 4
 * @param phone in the international format of ITU-T E.123
 * @param plusCode an Open Location Code of ten digits
 * @param claimed whether its owner is known
 * @param hours seven days from Monday on, or null where they are not known
 * @param images how many pictures there are of it
 * @param form how its page shows it
 */
public record SamplePlace(
        int number,
        String term,
        String name,
        String placeId,
        String featureId,
        String cid,
        List<String> categories,
        double latitude,
        double longitude,
        @Nullable Double rating,
        @Nullable Integer reviewCount,
        @Nullable Integer priceLevel,
        Address address,
        @Nullable String phone,
        @Nullable String website,
        @Nullable String plusCode,
        Status status,
        boolean claimed,
        @Nullable List<Day> hours,
        int images,
        List<Review> reviews,
        Form form) {

    /** Whether a place is in business. */
    public enum Status {
        /** It is. */
        OPEN,
        /** Not for now. */
        TEMPORARILY_CLOSED,
        /** Never again. */
        PERMANENTLY_CLOSED
    }

    /** How the page of a place shows it. */
    public enum Form {
        /** By JSON with all that is known, and by the document. */
        COMPLETE,
        /** As {@link #COMPLETE}, with the JSON at another index and keyed by name. */
        MOVED,
        /** As {@link #COMPLETE}, with the opening hours where older pages have them. */
        OLDER,
        /** The JSON has neither phone nor website, address parts and place id; the document shows what it always does. */
        PARTIAL,
        /** By the document alone. */
        DOCUMENT_ONLY
    }

    /** Where a place is, in words. */
    public record Address(
            @Nullable String neighborhood,
            @Nullable String street,
            String city,
            @Nullable String postalCode,
            @Nullable String state,
            String countryCode) {}

    /** The opening hours of one day; no spans mean closed. */
    public record Day(List<Span> spans) {}

    /**
     * A part of a day.
     *
     * @param from in minutes since midnight
     * @param to in minutes since midnight, at most 1440
     */
    public record Span(int from, int to) {}

    /**
     * What a guest has written.
     *
     * @param rating from 1 to 5
     * @param publishedMicros microseconds since the epoch
     */
    public record Review(
            String id,
            @Nullable String author,
            int rating,
            @Nullable String text,
            long publishedMicros) {}
}
