package io.bactrian.scrape.select;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.bactrian.InvalidInputException;

/** A regular expression (RE2) that URLs are held against. Immutable and safe for use by many threads at once. */
public final class UrlPattern {
    private final Pattern pattern;

    private UrlPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Compiles an expression.
     *
     * @param field what a violation names
     * @throws InvalidInputException if it is not one, or too large
     */
    public static UrlPattern compile(String field, String regex) {
        try {
            RegexQuery.checkSize(regex);
            return new UrlPattern(Pattern.compile(regex));
        } catch (SelectorSyntaxException refused) {
            throw new InvalidInputException(field, refused.sentence());
        } catch (PatternSyntaxException refused) {
            throw new InvalidInputException(
                    field,
                    SelectorSyntaxException.refused(regex, "regular expression (RE2 syntax)", refused.getMessage())
                            .sentence());
        }
    }

    /** Whether the expression matches somewhere in the URL. */
    public boolean isFoundIn(String url) {
        return pattern.matcher(url).find();
    }
}
