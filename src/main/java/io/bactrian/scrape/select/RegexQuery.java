package io.bactrian.scrape.select;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Element;

/**
 * A regular expression over the source of the page, or of the matched element: group 1, or the match where there is no
 * group. RE2/J runs it in time linear in the text.
 */
final class RegexQuery implements Query {
    /** The size of a compiled pattern; RE2 itself would let repetitions of repetitions fill the memory. */
    private static final int MAXIMAL_SIZE = 2_000;

    private final Pattern pattern;
    private final int unitsForCharacter;

    private RegexQuery(Pattern pattern, int size) {
        this.pattern = pattern;
        this.unitsForCharacter = 1 + size / 16;
    }

    static RegexQuery compile(String regex) throws SelectorSyntaxException {
        int size = checkSize(regex);
        try {
            return new RegexQuery(Pattern.compile(regex), size);
        } catch (PatternSyntaxException refused) {
            throw SelectorSyntaxException.refused(regex, "regular expression (RE2 syntax)", refused.getMessage());
        } catch (RuntimeException | StackOverflowError refused) {
            throw SelectorSyntaxException.refused(regex, "regular expression (RE2 syntax)", "it is too complex.");
        }
    }

    static int checkSize(String regex) throws SelectorSyntaxException {
        long size = RegexSize.of(regex);
        if (size > MAXIMAL_SIZE) {
            throw SelectorSyntaxException.refused(
                    regex, "regular expression", "its repetitions expand to more than " + MAXIMAL_SIZE + " steps.");
        }
        return (int) size;
    }

    @Override
    public List<Match> matches(Scope scope, Wanted wanted) {
        Element element = scope.element();
        String text = element == null ? scope.page().text() : element.outerHtml();
        scope.budget().chargeText(text.length());
        Matcher matcher = pattern.matcher(new MeteredText(text, scope.budget(), unitsForCharacter));
        List<Match> found = new ArrayList<>();
        while (matcher.find()) {
            String value = matcher.groupCount() == 0 ? matcher.group() : matcher.group(1);
            if (value != null) {
                found.add(new Match.OfText(value));
            }
            if ((wanted == Wanted.FIRST && !found.isEmpty()) || found.size() > Extraction.MAXIMAL_VALUES) {
                break;
            }
        }
        return found;
    }

    /** A text that charges for every look at a character: a match may be linear, all matches together are not. */
    private record MeteredText(String text, Budget budget, int units) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            budget.charge(units);
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
