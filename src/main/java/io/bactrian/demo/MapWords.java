package io.bactrian.demo;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the sample map says, in English or German. */
enum MapWords {
    ENGLISH("en"),
    GERMAN("de");

    private static final List<String> ENGLISH_DAYS =
            List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");
    private static final List<String> GERMAN_DAYS =
            List.of("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag");
    private static final Map<String, String> GERMAN_CATEGORIES = Map.ofEntries(
            Map.entry("Coffee shop", "Café"),
            Map.entry("Cafe", "Kaffeehaus"),
            Map.entry("Espresso bar", "Espressobar"),
            Map.entry("Coffee roasters", "Kaffeerösterei"),
            Map.entry("Coffee store", "Kaffeegeschäft"),
            Map.entry("Coffee stand", "Kaffeestand"),
            Map.entry("Breakfast restaurant", "Frühstücksrestaurant"),
            Map.entry("Tea house", "Teehaus"),
            Map.entry("Bookstore", "Buchhandlung"),
            Map.entry("Bakery", "Bäckerei"),
            Map.entry("Pastry shop", "Konditorei"),
            Map.entry("Cake shop", "Kuchengeschäft"),
            Map.entry("Pharmacy", "Apotheke"),
            Map.entry("Drug store", "Drogerie"),
            Map.entry("Museum", "Museum"),
            Map.entry("Maritime museum", "Schifffahrtsmuseum"),
            Map.entry("Tourist attraction", "Touristenattraktion"),
            Map.entry("Lighthouse", "Leuchtturm"));
    private static final int DAY = 24 * 60;

    private final String language;

    MapWords(String language) {
        this.language = language;
    }

    /** The words of a language, or English ones where it is not known. */
    static MapWords of(@Nullable String language) {
        return language != null && language.toLowerCase(Locale.ROOT).matches("de([-_].*)?") ? GERMAN : ENGLISH;
    }

    String language() {
        return language;
    }

    String category(String english) {
        return this == GERMAN ? GERMAN_CATEGORIES.getOrDefault(english, english) : english;
    }

    /** @param day from 1, Monday */
    String day(int day) {
        return (this == GERMAN ? GERMAN_DAYS : ENGLISH_DAYS).get(day - 1);
    }

    String hours(SamplePlace.Span span) {
        if (span.from() == 0 && span.to() == DAY) {
            return say("Open 24 hours", "24 Stunden geöffnet");
        }
        if (this == GERMAN) {
            return clock(span.from()) + "–" + clock(span.to());
        }
        boolean sameHalf = half(span.from()).equals(half(span.to()));
        // The narrow space is what real maps write, to the grief of everyone who reads them.
        return twelve(span.from()) + (sameHalf ? "" : "\u202f" + half(span.from()))
                + "–"
                + twelve(span.to())
                + "\u202f"
                + half(span.to());
    }

    String status(SamplePlace place) {
        return switch (place.status()) {
            case OPEN -> say("Open", "Geöffnet");
            case TEMPORARILY_CLOSED -> say("Temporarily closed", "Vorübergehend geschlossen");
            case PERMANENTLY_CLOSED -> say("Permanently closed", "Dauerhaft geschlossen");
        };
    }

    String closed() {
        return say("Closed", "Geschlossen");
    }

    String rating(double rating) {
        String text = String.format(Locale.ROOT, "%.1f", rating);
        return this == GERMAN ? text.replace('.', ',') : text;
    }

    String count(int count) {
        return String.format(this == GERMAN ? Locale.GERMANY : Locale.US, "%,d", count);
    }

    String reviews(int count) {
        return count(count) + " " + (count == 1 ? say("review", "Rezension") : say("reviews", "Rezensionen"));
    }

    String stars(int rating) {
        return rating + " " + (rating == 1 ? say("star", "Stern") : say("stars", "Sterne"));
    }

    String stars(double rating) {
        return rating(rating) + " " + say("stars", "Sterne");
    }

    String country() {
        return say("United Kingdom", "Vereinigtes Königreich");
    }

    String claim() {
        return say("Claim this business", "Inhaberschaft des Unternehmens beanspruchen");
    }

    String owner(String name) {
        return name + say(" (Owner)", " (Inhaber)");
    }

    String price(int level) {
        return this == GERMAN
                ? List.of("Günstig", "Mittlere Preise", "Teuer", "Sehr teuer").get(level - 1)
                : List.of("Inexpensive", "Moderately expensive", "Expensive", "Very expensive")
                        .get(level - 1);
    }

    String endOfList() {
        return say("You've reached the end of the list.", "Das Ende der Liste ist erreicht.");
    }

    String results(String terms) {
        return say("Results for ", "Ergebnisse für ") + terms;
    }

    String nothingFound(String terms) {
        return say("The map can't find " + terms, terms + " wurde auf der Karte nicht gefunden");
    }

    String say(String english, String german) {
        return this == GERMAN ? german : english;
    }

    private static String clock(int minutes) {
        return String.format(Locale.ROOT, "%02d:%02d", minutes / 60, minutes % 60);
    }

    private static String twelve(int minutes) {
        int hour = minutes / 60 % 12 == 0 ? 12 : minutes / 60 % 12;
        return minutes % 60 == 0 ? String.valueOf(hour) : String.format(Locale.ROOT, "%d:%02d", hour, minutes % 60);
    }

    private static String half(int minutes) {
        return minutes % DAY < 12 * 60 ? "AM" : "PM";
    }
}
