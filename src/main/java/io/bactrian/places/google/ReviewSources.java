package io.bactrian.places.google;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the reviews may be: shapes of data, then of the visible document.
 *
 * @param most how many of a place's are kept
 */
record ReviewSources(
        int most,
        @DefaultValue List<Data> data,
        @DefaultValue List<Elements> document) {
    ReviewSources {
        Settings.require(most >= 0 && most <= 1000, "most must be from 0 to 1000.");
        data = List.copyOf(data);
        document = List.copyOf(document);
    }

    /**
     * One array a review.
     *
     * @param postedAt microseconds or milliseconds since 1970
     */
    record Data(
            IndexPath reviews,
            List<IndexPath> id,
            List<IndexPath> author,
            List<IndexPath> rating,
            List<IndexPath> text,
            List<IndexPath> postedAt) {
        Data {
            Settings.require(reviews, "reviews");
            reviews.requireRoot("place");
            id = of("id", id);
            author = of("author", author);
            rating = of("rating", rating);
            text = of("text", text);
            postedAt = of("posted-at", postedAt);
        }

        private static List<IndexPath> of(String name, @Nullable List<IndexPath> paths) {
            if (paths == null) {
                throw new IllegalArgumentException(name + " is missing.");
            }
            paths.forEach(path -> path.requireRoot("review"));
            return List.copyOf(paths);
        }
    }

    /** One element a review, with the others in it. */
    record Elements(CssSelector reviews, DocumentPath id, DocumentPath author, DocumentPath rating, DocumentPath text) {
        Elements {
            Settings.require(reviews, "reviews");
            Settings.require(id, "id");
            Settings.require(author, "author");
            Settings.require(rating, "rating");
            Settings.require(text, "text");
        }
    }
}
