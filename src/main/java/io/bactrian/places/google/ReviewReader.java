package io.bactrian.places.google;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.places.Place.Review;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/** Reads what guests have written of a place. */
final class ReviewReader {
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_TEXT = 5_000;

    /** From here on a number is one of microseconds and not of milliseconds. */
    private static final long LEAST_MICROS = 100_000_000_000_000L;

    private static final long MOST_MICROS = 10_000_000_000_000_000L;

    private final ReviewSources sources;

    ReviewReader(ReviewSources sources) {
        this.sources = sources;
    }

    /** The reviews in the order of the page; none where there are none. */
    List<Review> read(@Nullable JsonNode data, @Nullable Document document) {
        if (data != null) {
            for (ReviewSources.Data shape : sources.data()) {
                List<Review> found = new ArrayList<>();
                shape.reviews().all(data, sources.most()).forEach(review -> add(review(shape, review), found));
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        if (document != null) {
            for (ReviewSources.Elements shape : sources.document()) {
                List<Review> found = new ArrayList<>();
                shape.reviews().in(document).stream()
                        .limit(sources.most())
                        .forEach(review -> add(review(shape, review), found));
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return List.of();
    }

    private static void add(Review review, List<Review> found) {
        if (review.rating() != null || review.text() != null) {
            found.add(review);
        }
    }

    private static Review review(ReviewSources.Data shape, JsonNode review) {
        return new Review(
                first(shape.id(), review, FieldValues.textual(text -> Texts.line(text, LONGEST_NAME))),
                first(shape.author(), review, FieldValues.textual(text -> Texts.line(text, LONGEST_NAME))),
                first(shape.rating(), review, node -> stars(PlaceReader.decimal(node))),
                first(shape.text(), review, FieldValues.textual(text -> Texts.lines(text, LONGEST_TEXT))),
                first(shape.postedAt(), review, ReviewReader::time));
    }

    private static Review review(ReviewSources.Elements shape, Element review) {
        @Nullable String id = shape.id().first(review);
        @Nullable String author = shape.author().first(review);
        @Nullable String rating = shape.rating().first(review);
        @Nullable String text = shape.text().first(review);
        return new Review(
                id == null ? null : Texts.line(id, LONGEST_NAME),
                author == null ? null : Texts.line(author, LONGEST_NAME),
                rating == null ? null : stars(Texts.decimal(rating)),
                text == null ? null : Texts.lines(text, LONGEST_TEXT),
                null);
    }

    private static <T> @Nullable T first(List<IndexPath> paths, JsonNode review, FieldValues.OfData<T> reader) {
        for (IndexPath path : paths) {
            @Nullable JsonNode node = path.first(review);
            @Nullable T value = node == null ? null : reader.take(node);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static @Nullable Integer stars(@Nullable Double rating) {
        return rating != null && rating >= 1 && rating <= 5 ? (int) Math.round(rating) : null;
    }

    private static @Nullable Instant time(JsonNode node) {
        long value = node.isIntegralNumber() && node.canConvertToLong() ? node.longValue() : 0;
        if (value <= 0 || value >= MOST_MICROS) {
            return null;
        }
        return value >= LEAST_MICROS
                ? Instant.EPOCH.plus(value, ChronoUnit.MICROS)
                : value >= LEAST_MICROS / 1000 ? Instant.ofEpochMilli(value) : null;
    }
}
