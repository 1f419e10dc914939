package io.bactrian.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A kind of places on the sample map.
 *
 * @param term the search term that finds it
 * @param size how many there are
 * @param mainCategories of which each has one
 * @param otherCategories of which some have some
 * @param nouns that end their names
 * @param oddNames that a few have instead
 */
record PlaceKind(
        String term,
        int size,
        List<String> mainCategories,
        List<String> otherCategories,
        List<String> nouns,
        List<String> oddNames) {

    static final List<PlaceKind> ALL = List.of(
            new PlaceKind(
                    "coffee",
                    300,
                    List.of("Coffee shop", "Coffee shop", "Coffee shop", "Cafe", "Espresso bar", "Coffee roasters"),
                    List.of("Cafe", "Coffee store", "Breakfast restaurant", "Tea house", "Bookstore", "Coffee stand"),
                    List.of("Coffee", "Roasters", "Espresso", "Coffee House", "Café", "Brew Bar", "Beans"),
                    // Names that break programs which take names for something else than text.
                    List.of(
                            "The \"Quiet\" Cup",
                            "Café Überfluß & Söhne",
                            "☕️ Bean There 🐪",
                            "=SUM(A1:A9) Coffee",
                            "=HYPERLINK(\"https://sheet.example/\",\"free coffee\")",
                            "+44 Espresso",
                            "-1 Below",
                            "@home Coffee",
                            "</script><script>document.title='broken'</script> Lab",
                            "Brew, Bread & Butter",
                            "O'Hara's <b>Bold</b> Beans",
                            "Slash/Backslash\\Roast",
                            "100% Arabica? #1; really",
                            "مقهى القافلة",
                            "珈琲 カラバン",
                            "The Exceedingly Long-Winded Coffee House of the Four Winds, the Seven Seas and All the Harbours in Between, "
                                    + "Established by the Widow of the Third Lighthouse Keeper and Kept by Her Nine Daughters Ever Since")),
            new PlaceKind(
                    "bakery",
                    45,
                    List.of("Bakery"),
                    List.of("Pastry shop", "Cake shop", "Cafe"),
                    List.of("Bakery", "Bakehouse", "Breads", "Patisserie"),
                    List.of("Dough & \"Co\"")),
            new PlaceKind(
                    "pharmacy",
                    12,
                    List.of("Pharmacy"),
                    List.of("Drug store"),
                    List.of("Pharmacy", "Chemist"),
                    List.of("'t Apothecarium")),
            new PlaceKind(
                    "museum",
                    7,
                    List.of("Museum", "Maritime museum"),
                    List.of("Tourist attraction"),
                    List.of("Museum", "Collection"),
                    List.of()),
            new PlaceKind(
                    "lighthouse",
                    1,
                    List.of("Lighthouse"),
                    List.of("Tourist attraction"),
                    List.of("Lighthouse"),
                    List.of("Marl Light")));

    private static final List<String> FIRST_WORDS = List.of(
            "Copper",
            "Harbour",
            "Gull",
            "Lantern",
            "Saltwind",
            "Anchor",
            "North Star",
            "Driftwood",
            "Old Mill",
            "Compass",
            "Tide",
            "Amber",
            "Juniper",
            "Ropewalk",
            "Fog & Sun",
            "Pilot",
            "Beacon",
            "Heron",
            "Cobble",
            "Marl");

    /** Whether someone who types this looks for this kind. */
    boolean isMeantBy(String terms) {
        return terms.toLowerCase(Locale.ROOT).contains(term);
    }

    /** A name; some places share theirs, as the branches of a chain do. */
    String name(int index, Random random) {
        String name = Catalogue.pick(FIRST_WORDS, random) + " " + Catalogue.pick(nouns, random);
        int every = Math.max(1, size / Math.max(1, oddNames.size() + 1));
        int odd = index / every;
        return index % every == 0 && odd < oddNames.size() ? oddNames.get(odd) : name;
    }

    List<String> categories(Random random) {
        List<String> categories = new ArrayList<>();
        categories.add(Catalogue.pick(mainCategories, random));
        for (int more = random.nextInt(3); more > 0; more--) {
            String category = Catalogue.pick(otherCategories, random);
            if (!categories.contains(category)) {
                categories.add(category);
            }
        }
        return List.copyOf(categories);
    }
}
