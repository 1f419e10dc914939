package io.bactrian.demo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * The articles of the sample shop, the same ones on each run.
 *
 * <p>{@link Random}'s sequence is specified, so a fixed seed gives the same catalogue on every JDK.
 */
final class Catalogue {
    static final int SIZE = 300;

    private static final long SEED = 1877;

    private static final List<String> PLACES = List.of(
            "Karakum",
            "Samarkand",
            "Gobi",
            "Tarim",
            "Altai",
            "Pamir",
            "Bukhara",
            "Kashgar",
            "Merv",
            "Khiva",
            "Tabriz",
            "Palmyra",
            "Zagros",
            "Turpan",
            "Fergana",
            "Issyk",
            "Dunhuang",
            "Aral",
            "Balkh",
            "Ladakh");
    private static final List<String> MATERIALS = List.of(
            "Copper", "Oak", "Wool", "Canvas", "Leather", "Brass", "Linen", "Steel", "Walnut", "Felt", "Enamel",
            "Cotton", "Cedar", "Bamboo");
    private static final List<String> BRANDS = List.of(
            "Two Humps",
            "Caravan & Daughters",
            "North Well",
            "Oasis Works",
            "Longwalk",
            "Dune & Company",
            "Halfmoon Outfitters",
            "Saddler's Row");
    private static final List<String> COLOURS =
            List.of("sand", "indigo", "saffron", "olive", "terracotta", "charcoal", "ivory", "madder red", "sea green");

    private Catalogue() {}

    static List<Product> products() {
        Random random = new Random(SEED);
        Set<String> names = new HashSet<>();
        List<Product> products = new ArrayList<>(SIZE);
        for (int number = 1; number <= SIZE; number++) {
            Category category = Category.ALL.get((number - 1) % Category.ALL.size());
            String material = pick(MATERIALS, random);
            String name = pick(PLACES, random) + " " + pick(category.nouns(), random);
            if (!names.add(name)) {
                name = name + " in " + material;
                if (!names.add(name)) {
                    name = name + ", No. " + number;
                }
            }
            products.add(new Product(
                    number,
                    String.format(Locale.ROOT, "%03d-%s", number, slug(name)),
                    name,
                    pick(BRANDS, random),
                    category,
                    material,
                    pick(COLOURS, random),
                    price(category, random),
                    32 + random.nextInt(18),
                    10 + random.nextInt(35),
                    random.nextInt(7) == 0 ? 0 : random.nextInt(60) + 1));
        }
        return List.copyOf(products);
    }

    private static int price(Category category, Random random) {
        int dollars = category.cheapest() + random.nextInt(category.dearest() - category.cheapest());
        return dollars * 100 + (random.nextBoolean() ? 90 : 50);
    }

    private static String slug(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    static <T> T pick(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }
}
