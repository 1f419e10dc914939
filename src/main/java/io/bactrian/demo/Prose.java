package io.bactrian.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** The sentences of the sample shop: descriptions and reviews, put together from a seeded random sequence. */
final class Prose {
    private static final int SENTENCES_A_PARAGRAPH = 4;

    private static final List<String> OPENINGS = List.of(
            "Made for people who pack once and walk for a month, the %s has been in our workshop’s list since the first catalogue.",
            "The %s began as a repair job for a friend and turned into the thing we are asked for most.",
            "Some things are bought once. We make the %s so that it can be one of them.",
            "Every %s leaves the bench with the initials of the one person who made it.");
    private static final List<String> BODIES = List.of(
            "The %2$s comes from a mill that has worked with the same families since 1921, and it grows better with each season of use.",
            "Seams are sewn twice and sealed by hand; what can wear out can be taken off, mended and put back with two common tools.",
            "We tested it through a winter of minus thirty and a summer of plus forty-four, mostly by forgetting it outside.",
            "In %3$s it hides dust well, and the finish may be renewed at home with a soft cloth and an hour of patience.",
            "It packs down to the size of a loaf of bread – a modest loaf – and hangs from a strap or a saddle without rattling.",
            "Nothing on it is glued. Each part has a number, and each number can be ordered for as long as we are in business.",
            "A small pocket inside takes a spare wick, a needle or a letter; we do not ask which.",
            "The edges are rounded by hand, because hands are what will hold it on a cold morning.",
            "Weight was saved where nobody would miss it and added where it keeps the wind from having its way.",
            "It arrives oiled, wrapped in paper and string, with a page of instructions that fits on a postcard.",
            "The %2$s is left undyed where it touches skin, and the colour, %3$s, is fixed with alum rather than chrome.",
            "Buyers write to us from three continents, usually to say that the second one is meant as a present.");
    private static final List<String> PRAISE = List.of(
            "Carried it over two passes and through one river, and it looks the same as on the first day.",
            "Better than the one my grandfather had, and his lasted forty years.",
            "Solid work. The %1$s feels heavier than expected, in the way good things do.",
            "Came wrapped in brown paper with a handwritten note; the children fought over the string.",
            "Bought one, then two more for the rest of the family. Nobody has asked to borrow mine since.",
            "The colour is warmer than in the picture, which suits the room.",
            "I had a question about spare parts and got an answer from a person within the hour.",
            "Does exactly what it should and nothing else. I wish more things did.",
            "After six months of daily use there is one scratch, and that was my own doing.");
    private static final List<String> DOUBTS = List.of(
            "Took nine days to arrive, though it was worth the wait.",
            "The instructions could have a drawing; I had the strap the wrong way round for a week.",
            "A little stiff at first. It softened after the second trip.",
            "I would have liked a lid, or at least the choice of one.",
            "Good, but the price has gone up since my last one.",
            "The smell of oil takes a few days to go.",
            "One buckle was scratched on arrival; they sent another without fuss.");
    private static final List<String> TITLES = List.of(
            "Would buy again",
            "As described",
            "Good honest work",
            "Nearly perfect",
            "A present that was liked",
            "Worth the money",
            "Survived the desert",
            "Better than the last one",
            "Small quibbles",
            "A quiet favourite");
    private static final List<String> FIRST_NAMES = List.of(
            "Aigul", "Bora", "Chiara", "Daniyar", "Elif", "Farid", "Greta", "Hamid", "Ines", "Jonas", "Kemal", "Leyla",
            "Mina", "Nils", "Olga", "Petra", "Rashid", "Søren", "Tamar", "Ulla", "Vera", "Yusuf", "Zoë");

    private Prose() {}

    /** A few sentences that introduce the product. */
    static String description(Product product, Random random) {
        return say(Catalogue.pick(OPENINGS, random), product) + " " + say(Catalogue.pick(BODIES, random), product);
    }

    /** The longer text further down: paragraphs that between them say nothing twice. */
    static List<String> story(Product product, Random random) {
        List<String> sentences = new ArrayList<>(BODIES);
        Collections.shuffle(sentences, random);
        List<String> paragraphs = new ArrayList<>();
        for (int first = 0; first + SENTENCES_A_PARAGRAPH <= sentences.size(); first += SENTENCES_A_PARAGRAPH) {
            paragraphs.add(sentences.subList(first, first + SENTENCES_A_PARAGRAPH).stream()
                    .map(sentence -> say(sentence, product))
                    .collect(Collectors.joining(" ")));
        }
        return paragraphs;
    }

    private static String say(String sentence, Product product) {
        return sentence.formatted(product.name(), product.material().toLowerCase(Locale.ROOT), product.colour());
    }

    static Review review(Product product, Random random) {
        int stars = Math.clamp((product.ratingTenths() + 5) / 10 + random.nextInt(3) - 1, 1, 5);
        int praise = random.nextInt(PRAISE.size());
        String text = say(PRAISE.get(praise), product) + " "
                + (stars < 4
                        ? say(Catalogue.pick(DOUBTS, random), product)
                        : say(PRAISE.get((praise + 1 + random.nextInt(PRAISE.size() - 1)) % PRAISE.size()), product));
        String author = Catalogue.pick(FIRST_NAMES, random) + " " + (char) ('A' + random.nextInt(26)) + ".";
        String date = String.format(
                Locale.ROOT, "20%d-%02d-%02d", 22 + random.nextInt(4), 1 + random.nextInt(12), 1 + random.nextInt(28));
        return new Review(Catalogue.pick(TITLES, random), author, date, stars, text);
    }

    /** What a buyer wrote; {@code stars} is 1 to 5, {@code date} ISO 8601. */
    record Review(String title, String author, String date, int stars, String text) {}
}
