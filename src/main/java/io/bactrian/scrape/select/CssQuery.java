package io.bactrian.scrape.select;

import java.util.ArrayList;
import java.util.List;
import org.jsoup.helper.Regex;
import org.jsoup.nodes.Element;
import org.jsoup.select.CombiningEvaluator;
import org.jsoup.select.Evaluator;
import org.jsoup.select.QueryParser;
import org.jspecify.annotations.Nullable;

/**
 * A CSS selector, applied by jsoup; {@code :scope} is the matched element itself, everything else is below it.
 *
 * <p>jsoup's evaluators keep their state for each thread apart, so one query serves all threads. They cannot be
 * interrupted while they look at one element, so what could take long there is refused: {@code :has()} in
 * {@code :has()} when compiled (as CSS does), and sibling combinators within one another on pages with very many siblings.
 */
final class CssQuery implements Query {
    /** Characters of source up to which plain selectors cannot take long. */
    private static final int SMALL_PAGE = 256 * 1024;
    /** Siblings up to which quadratic work is a matter of milliseconds. */
    private static final int WIDE = 3_000;
    /** Results that jsoup may remember while it evaluates one selector, about 56 bytes each. */
    private static final long REMEMBERED = 1_000_000;

    private static final int ELEMENT_UNITS = 16;

    /** Siblings are next to one another in memory. */
    private static final int SIBLINGS_FOR_A_UNIT = 4;

    private final @Nullable Evaluator evaluator;
    private final boolean mayBeScope;
    private final CssTraits traits;

    private CssQuery(@Nullable Evaluator evaluator, boolean mayBeScope, CssTraits traits) {
        this.evaluator = evaluator;
        this.mayBeScope = mayBeScope;
        this.traits = traits;
    }

    /** The query that finds the element it is applied to. */
    static CssQuery scope() {
        return new CssQuery(null, true, CssTraits.of(""));
    }

    static CssQuery compile(String css) throws SelectorSyntaxException {
        if (css.equals(":scope")) {
            return scope();
        }
        CssTraits traits = CssTraits.of(css);
        if (traits.nestedHas()) {
            throw SelectorSyntaxException.refused(css, "CSS selector", ":has() cannot be nested in :has().");
        }
        if (traits.tildes() > 8) {
            throw SelectorSyntaxException.refused(
                    css, "CSS selector", "at most 8 sibling combinators '~' are allowed.");
        }
        if (traits.regex()) {
            if (!Regex.usingRe2j()) {
                throw SelectorSyntaxException.refused(
                        css, "CSS selector", "regular expressions are not enabled in CSS.");
            }
            RegexQuery.checkSize(css.replace('[', ' ').replace(']', ' '));
        }
        try {
            return new CssQuery(QueryParser.parse(css), css.contains(":scope"), traits);
        } catch (RuntimeException refused) {
            throw SelectorSyntaxException.refused(css, "CSS selector", refused.getMessage());
        }
    }

    @Override
    public List<Match> matches(Scope scope, Wanted wanted) {
        Element root = scope.markup();
        if (root == null) {
            return List.of();
        }
        if (evaluator == null) {
            return List.of(new Match.OfElement(root));
        }
        Evaluator bounded = bounded(evaluator, scope);
        if (wanted == Wanted.FIRST) {
            Element first = root.selectFirst(bounded);
            if (first == null) {
                return List.of();
            }
            if (mayBeScope || !first.equals(root)) {
                return List.of(new Match.OfElement(first));
            }
        }
        List<Element> elements = root.select(bounded);
        List<Match> matches = new ArrayList<>(elements.size());
        for (Element element : elements) {
            if (mayBeScope || !element.equals(root)) {
                matches.add(new Match.OfElement(element));
            }
        }
        return matches;
    }

    private Evaluator bounded(Evaluator unbounded, Scope scope) {
        boolean large = scope.page().text().length() > SMALL_PAGE;
        if (!large && !traits.costly()) {
            return unbounded;
        }
        if (traits.quadraticForOneElement() && scope.page().shape().widest() > WIDE) {
            throw new ExtractionException(
                    "sibling combinators and positions within one another are too costly for a page with this many siblings.");
        }
        if (large && (long) traits.remembering() * scope.page().shape().elements() > REMEMBERED) {
            throw new ExtractionException("it has too many combinators for a page of this size.");
        }
        return new CombiningEvaluator.And(List.of(new Meter(scope.budget(), traits), unbounded));
    }

    /** Matches every element, and charges for it. */
    static final class Meter extends Evaluator {
        private final Budget budget;
        private final CssTraits traits;

        Meter(Budget budget, CssTraits traits) {
            this.budget = budget;
            this.traits = traits;
        }

        @Override
        public boolean matches(Element root, Element element) {
            budget.charge(ELEMENT_UNITS);
            Element parent = element.parent();
            if (traits.walksSiblings() && parent != null) {
                budget.charge(parent.childNodeSize() / SIBLINGS_FOR_A_UNIT);
            }
            if (traits.walksDescendants()) {
                budget.look();
            }
            return true;
        }

        @Override
        protected int cost() {
            return 0; // The cheapest is asked first.
        }
    }
}
