package io.bactrian.demo;

import java.util.Locale;

/**
 * One article of the sample shop.
 *
 * @param number its place in the catalogue, from 1
 * @param slug the last segment of its page's path
 * @param cents the price in US cents
 * @param ratingTenths the mean rating in tenths of a star, 10 to 50
 * @param stock how many are in the warehouse; 0 is out of stock
 */
record Product(
        int number,
        String slug,
        String name,
        String brand,
        Category category,
        String material,
        String colour,
        int cents,
        int ratingTenths,
        int reviews,
        int stock) {

    String path() {
        return "/products/" + slug;
    }

    String imagePath() {
        return "/images/" + slug + ".svg";
    }

    String articleNumber() {
        return String.format(Locale.ROOT, "CG-%05d", number * 37 + 10_000);
    }

    /** The price as a decimal number with two places, without its currency. */
    String price() {
        return String.format(Locale.ROOT, "%d.%02d", cents / 100, cents % 100);
    }

    String rating() {
        return String.format(Locale.ROOT, "%d.%d", ratingTenths / 10, ratingTenths % 10);
    }

    String availability() {
        if (stock == 0) {
            return "Out of stock";
        }
        return stock < 5 ? "Only a few left" : "In stock";
    }
}
