package io.bactrian.places.openstreetmap;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes conditions on tags of the terms of a search.
 *
 * <p>Phrases that the table knows become their tags, the longest first; other words must be in the name. A place has to meet
 * them all, as with {@code pizza restaurant}, except where that is impossible: {@code bar restaurant} means either.
 */
final class SearchWords {
    private static final int MOST_WORDS = 12;
    private static final int LONGEST_WORD = 64;
    private static final int LONGEST_PHRASE = 4;

    /** Each is a statement of its own for Overpass. */
    private static final int MOST_ALTERNATIVES = 24;

    private final Map<String, List<List<TagFilter>>> table;
    private final Set<String> ignored;

    SearchWords(SearchTags tags) {
        this.table = tags.byPhrase();
        this.ignored = new HashSet<>();
        tags.ignoredWords().forEach(word -> ignored.addAll(Words.of(word)));
    }

    /** Lists of conditions, of which an element must meet all of one; there is at least one list, with at least one condition. */
    List<List<TagFilter>> filters(String terms) {
        List<String> words = Words.asWritten(terms);
        if (words.size() > MOST_WORDS) {
            words = words.subList(0, MOST_WORDS);
        }
        List<String> comparable = words.stream().map(Words::comparable).toList();
        List<List<TagFilter>> alternatives = List.of(List.of());
        List<TagFilter> inName = new ArrayList<>();
        int next = 0;
        while (next < words.size()) {
            int length = phraseAt(comparable, next);
            if (length > 0) {
                List<List<TagFilter>> meant = known(comparable.subList(next, next + length));
                alternatives = meant == null ? alternatives : both(alternatives, meant);
            } else if (!ignored.contains(comparable.get(next))) {
                inName.add(TagFilter.nameContains(clipped(words.get(next))));
            }
            next += Math.max(1, length);
        }
        if (inName.isEmpty() && alternatives.getFirst().isEmpty()) {
            inName.add(TagFilter.nameContains(clipped(terms.strip())));
        }
        List<TagFilter> name = inName.isEmpty() ? List.of(TagFilter.named()) : inName;
        return alternatives.stream().map(tags -> joined(tags, name)).toList();
    }

    /** How many words the longest phrase has that begins there and is in the table; 0 for none. */
    private int phraseAt(List<String> words, int first) {
        for (int length = Math.min(LONGEST_PHRASE, words.size() - first); length > 0; length--) {
            if (known(words.subList(first, first + length)) != null) {
                return length;
            }
        }
        return 0;
    }

    private @Nullable List<List<TagFilter>> known(List<String> words) {
        String phrase = String.join(" ", words);
        for (String form : singulars(phrase)) {
            List<List<TagFilter>> meant = table.get(form);
            if (meant != null) {
                return meant;
            }
        }
        return null;
    }

    /** The phrase, and what it may be the plural of. */
    private static List<String> singulars(String phrase) {
        List<String> forms = new ArrayList<>(List.of(phrase));
        if (phrase.endsWith("ies")) {
            forms.add(phrase.substring(0, phrase.length() - 3) + "y");
        }
        if (phrase.endsWith("s")) {
            forms.add(phrase.substring(0, phrase.length() - 1));
        }
        if (phrase.endsWith("es")) {
            forms.add(phrase.substring(0, phrase.length() - 2));
        }
        return forms;
    }

    private static List<List<TagFilter>> both(List<List<TagFilter>> these, List<List<TagFilter>> those) {
        List<List<TagFilter>> combined = new ArrayList<>();
        for (List<TagFilter> one : these) {
            for (List<TagFilter> other : those) {
                boolean possible = one.stream().noneMatch(a -> other.stream().anyMatch(a::excludes));
                if (possible && combined.size() < MOST_ALTERNATIVES) {
                    combined.add(joined(one, other));
                }
            }
        }
        if (combined.isEmpty()) {
            combined.addAll(these);
            combined.addAll(those);
        }
        return combined.size() > MOST_ALTERNATIVES ? combined.subList(0, MOST_ALTERNATIVES) : combined;
    }

    private static List<TagFilter> joined(List<TagFilter> these, List<TagFilter> those) {
        List<TagFilter> all = new ArrayList<>(these);
        those.stream().filter(filter -> !all.contains(filter)).forEach(all::add);
        return all;
    }

    private static String clipped(String word) {
        if (word.codePointCount(0, word.length()) <= LONGEST_WORD) {
            return word;
        }
        return word.substring(0, word.offsetByCodePoints(0, LONGEST_WORD));
    }
}
