package io.bactrian.places;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.OutsideText;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place as a search answers it: the JSON object of the MapScraper API's results, whose members are these components in
 * this order. What is not known is null.
 *
 * @param url where the provider shows the place
 * @param category the first of {@code categories}, in the language of the search
 * @param totalReviewScore the average rating, from 1 to 5
 * @param priceLevel from 1, cheap, to 4
 * @param phoneNumber as the provider writes it
 * @param canBeClaimed whether the provider knows of no owner
 * @param countryCode ISO 3166-1 alpha-2
 * @param placeId identifies the place with its provider; always known
 * @param scrapedAt with milliseconds
 * @param images URLs of pictures
 * @param plusCode an Open Location Code
 * @param reviews the latest ones, or null where the search did not ask for them
 * @param categories all of them, the main one first
 * @param emails found on the place's own website, or null where nobody looked
 * @param socialLinks its pages by the name of the network, such as {@code facebook}, or null where nobody looked
 */
public record Place(
        @Nullable String placeName,
        @Nullable String url,
        @Nullable String category,
        @Nullable Double totalReviewScore,
        @Nullable Integer reviewCount,
        @Nullable Integer priceLevel,
        @Nullable String phoneNumber,
        @Nullable String website,
        Address address,
        Coordinates coordinates,
        @Nullable Boolean permanentlyClosed,
        @Nullable Boolean temporarilyClosed,
        @Nullable Boolean canBeClaimed,
        @Nullable String countryCode,
        String placeId,
        Instant scrapedAt,
        @Nullable List<OpeningHours> openingHours,
        @Nullable List<String> images,
        @Nullable String plusCode,
        @Nullable List<Review> reviews,
        List<String> categories,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> emails,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, String> socialLinks) {
    public Place {
        placeName = OutsideText.line(placeName);
        url = link(url);
        category = OutsideText.line(category);
        phoneNumber = OutsideText.line(phoneNumber);
        website = link(website);
        countryCode = OutsideText.line(countryCode);
        placeId = OutsideText.key(placeId);
        images = images == null
                ? null
                : images.stream()
                        .map(Place::link)
                        .<String>mapMulti((image, kept) -> {
                            if (image != null) {
                                kept.accept(image);
                            }
                        })
                        .toList();
        plusCode = OutsideText.line(plusCode);
        categories = clean(categories);
        emails = emails == null ? null : clean(emails);
        socialLinks = socialLinks == null ? null : clean(socialLinks);
    }

    private static final int LONGEST_REVIEW = 20_000;

    /** A URL leads nowhere when it is cut, so one that is too long is not known. */
    private static @Nullable String link(@Nullable String url) {
        return url == null || url.length() > OutsideText.LINE ? null : OutsideText.clean(url);
    }

    static List<String> clean(List<String> texts) {
        return texts.stream()
                .map(text -> OutsideText.clean(text, OutsideText.LINE))
                .toList();
    }

    /** In the same order. */
    static Map<String, String> clean(Map<String, String> texts) {
        Map<String, String> clean = new LinkedHashMap<>();
        texts.forEach((name, text) ->
                clean.put(OutsideText.clean(name, OutsideText.KEY), OutsideText.clean(text, OutsideText.LINE)));
        return Collections.unmodifiableMap(clean);
    }

    /** The same place, with what its website says. */
    public Place withContacts(List<String> foundEmails, Map<String, String> foundLinks) {
        return new Place(
                placeName,
                url,
                category,
                totalReviewScore,
                reviewCount,
                priceLevel,
                phoneNumber,
                website,
                address,
                coordinates,
                permanentlyClosed,
                temporarilyClosed,
                canBeClaimed,
                countryCode,
                placeId,
                scrapedAt,
                openingHours,
                images,
                plusCode,
                reviews,
                categories,
                foundEmails,
                foundLinks);
    }

    /** Where a place is, in words. */
    public record Address(
            @Nullable String street,
            @Nullable String neighborhood,
            @Nullable String city,
            @Nullable String state,
            @Nullable String postalCode,
            @Nullable String fullAddress) {
        public Address {
            street = OutsideText.line(street);
            neighborhood = OutsideText.line(neighborhood);
            city = OutsideText.line(city);
            state = OutsideText.line(state);
            postalCode = OutsideText.line(postalCode);
            fullAddress = OutsideText.line(fullAddress);
        }
    }

    /** Where a place is, in degrees (WGS 84). */
    public record Coordinates(
            @Nullable Double latitude, @Nullable Double longitude) {}

    /**
     * When a place is open on one day of the week.
     *
     * @param day in the language of the search
     * @param hours such as {@code 9 AM–5 PM}; one entry for each part of the day
     */
    public record OpeningHours(String day, List<String> hours) {
        public OpeningHours {
            day = OutsideText.clean(day, OutsideText.LINE);
            hours = clean(hours);
        }
    }

    /**
     * What a guest has written.
     *
     * @param rating from 1 to 5
     */
    public record Review(
            @Nullable String id,
            @Nullable String author,
            @Nullable Integer rating,
            @Nullable String text,
            @Nullable Instant publishedAt) {
        public Review {
            id = OutsideText.line(id);
            author = OutsideText.line(author);
            text = text == null ? null : OutsideText.clean(text, LONGEST_REVIEW);
        }
    }
}
