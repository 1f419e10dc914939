package io.bactrian.places;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search looks for. The filters are applied to what providers find by whoever asked; a provider may use them to
 * spare itself visits.
 *
 * @param maxResults the most places that the search may give, from 1 to 500
 * @param language of names and categories, a BCP 47 tag such as {@code en}
 * @param minRating the lowest average rating, or null for any
 * @param reviews whether each place comes with its reviews
 * @param categories of which a place must have one, compared without regard to case; empty for any
 */
public record PlaceQuery(
        String searchTerms,
        String location,
        int maxResults,
        String language,
        @Nullable Double minRating,
        boolean reviews,
        List<String> categories) {
    public PlaceQuery {
        categories = List.copyOf(categories);
    }
}
