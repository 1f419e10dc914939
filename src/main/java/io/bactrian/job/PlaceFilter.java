package io.bactrian.job;

import io.bactrian.places.Place;
import io.bactrian.places.PlaceQuery;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which places a search wants: by rating, and by category.
 *
 * <p>A place without a rating is not above any; a category is compared without regard to case, in the language of the
 * search, as the provider gives it.
 */
final class PlaceFilter {
    private final PlaceQuery query;
    private final Set<String> categories;

    PlaceFilter(PlaceQuery query) {
        this.query = query;
        this.categories = query.categories().stream().map(PlaceFilter::folded).collect(Collectors.toUnmodifiableSet());
    }

    boolean wants(Place place) {
        return ratedEnough(place) && (categories.isEmpty() || inCategory(place));
    }

    private boolean ratedEnough(Place place) {
        return query.minRating() == null
                || (place.totalReviewScore() != null && place.totalReviewScore() >= query.minRating());
    }

    private boolean inCategory(Place place) {
        return (place.category() != null && categories.contains(folded(place.category())))
                || place.categories().stream().map(PlaceFilter::folded).anyMatch(categories::contains);
    }

    private static String folded(String category) {
        return Normalizer.normalize(category.strip(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }
}
