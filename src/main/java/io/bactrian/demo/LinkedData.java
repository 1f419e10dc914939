package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The machine-readable part of a product page: a schema.org Product as JSON-LD. */
final class LinkedData {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LinkedData() {}

    static String product(Product product, List<Prose.Review> reviews) {
        ObjectNode document = JSON.createObjectNode()
                .put("@context", "https://schema.org")
                .put("@type", "Product")
                .put("name", product.name())
                .put("sku", product.articleNumber())
                .put("url", product.path())
                .put("image", product.imagePath())
                .put("material", product.material())
                .put("color", product.colour())
                .put("category", product.category().name());
        document.putObject("brand").put("@type", "Brand").put("name", product.brand());
        document.putObject("offers")
                .put("@type", "Offer")
                .put("price", product.price())
                .put("priceCurrency", "USD")
                .put("availability", "https://schema.org/" + (product.stock() == 0 ? "OutOfStock" : "InStock"));
        document.putObject("aggregateRating")
                .put("@type", "AggregateRating")
                .put("ratingValue", product.rating())
                .put("reviewCount", reviews.size());
        ArrayNode list = document.putArray("review");
        for (Prose.Review review : reviews) {
            ObjectNode entry = list.addObject()
                    .put("@type", "Review")
                    .put("name", review.title())
                    .put("datePublished", review.date());
            entry.putObject("author").put("@type", "Person").put("name", review.author());
            entry.putObject("reviewRating").put("@type", "Rating").put("ratingValue", review.stars());
        }
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("A tree of strings and numbers can always be written", impossible);
        }
    }
}
