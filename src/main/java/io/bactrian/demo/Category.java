package io.bactrian.demo;

import java.util.List;

/**
 * A shelf of the sample shop.
 *
 * @param slug the last segment of its page's path
 * @param nouns what stands on the shelf
 * @param cheapest the lowest price in whole dollars
 * @param dearest the highest price in whole dollars
 */
record Category(String slug, String name, List<String> nouns, int cheapest, int dearest) {

    String path() {
        return "/categories/" + slug;
    }

    static final List<Category> ALL = List.of(
            new Category(
                    "tents",
                    "Tents & Shelters",
                    List.of("Ridge Tent", "Bell Tent", "Tarp Shelter", "Sun Canopy", "Bivouac"),
                    79,
                    899),
            new Category(
                    "lanterns",
                    "Lanterns & Light",
                    List.of("Storm Lantern", "Reading Lamp", "Candle Lantern", "Headlamp", "Table Lamp"),
                    14,
                    129),
            new Category(
                    "cookware",
                    "Kettles & Cookware",
                    List.of("Camp Kettle", "Cooking Pot", "Frying Pan", "Coffee Pot", "Spice Tin"),
                    12,
                    149),
            new Category(
                    "blankets",
                    "Blankets & Rugs",
                    List.of("Travel Blanket", "Floor Rug", "Saddle Blanket", "Throw", "Prayer Rug"),
                    35,
                    420),
            new Category(
                    "bags",
                    "Bags & Packs",
                    List.of("Day Pack", "Duffel", "Messenger Bag", "Saddlebag", "Roll-Top Pack"),
                    29,
                    310),
            new Category(
                    "tools",
                    "Knives & Tools",
                    List.of("Pocket Knife", "Hatchet", "Folding Saw", "Trowel", "Repair Kit"),
                    9,
                    165),
            new Category(
                    "boots",
                    "Boots & Sandals",
                    List.of("Walking Boots", "Desert Boots", "Sandals", "Camp Slippers", "Gaiters"),
                    25,
                    280),
            new Category(
                    "navigation",
                    "Maps & Compasses",
                    List.of("Compass", "Map Case", "Wall Map", "Field Notebook", "Pocket Sextant"),
                    8,
                    240),
            new Category(
                    "water",
                    "Water & Flasks",
                    List.of("Water Flask", "Canteen", "Water Filter", "Thermos", "Folding Bucket"),
                    11,
                    135),
            new Category(
                    "tea",
                    "Tea & Provisions",
                    List.of("Black Tea", "Tea Glass Set", "Dried Apricots", "Spice Blend", "Samovar"),
                    5,
                    390),
            new Category(
                    "clothing",
                    "Coats & Scarves",
                    List.of("Field Coat", "Scarf", "Wool Cap", "Travel Vest", "Rain Cape"),
                    18,
                    360),
            new Category(
                    "instruments",
                    "Games & Instruments",
                    List.of("Backgammon Set", "Reed Flute", "Hand Drum", "Travel Chess Set", "Thumb Piano"),
                    16,
                    320));
}
