package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a page says what the next one is: a CSS selector, or an XPath after {@code xpath:}.
 *
 * <p>Of an element that matches, its {@code href} counts, or the attribute that the selector names after {@code @}. Immutable
 * and safe for use by many threads at once.
 */
public final class NextLink {
    private static final String HREF = "href";

    private final Query query;
    private final Projection projection;

    private NextLink(Query query, Projection projection) {
        this.query = query;
        this.projection = projection;
    }

    /**
     * Compiles a selector.
     *
     * @param field what a violation names
     * @throws InvalidInputException if it is none
     */
    public static NextLink compile(String field, String selector) {
        List<Violation> violations = new ArrayList<>();
        SelectorForm form = SelectorForm.read(
                TextNode.valueOf(selector), field, (at, message) -> violations.add(new Violation(at, message)));
        if (form == null || !violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
        if (selector.isBlank()) {
            throw new InvalidInputException(field, "Must have a selector that is not empty.");
        }
        try {
            SelectorType type = SelectorType.of(form, SelectorType.Family.MARKUP) == SelectorType.XPATH
                    ? SelectorType.XPATH
                    : SelectorType.CSS;
            SelectorText text = SelectorText.of(form, type);
            return new NextLink(
                    text.compile(type, false),
                    new Projection.Attribute(text.attribute() == null ? HREF : text.attribute()));
        } catch (SelectorSyntaxException refused) {
            throw new InvalidInputException(field, refused.sentence());
        }
    }

    /**
     * The link of a page, resolved against its base.
     *
     * @return an absolute URL, or null where the page has none
     * @throws ExtractionException if the selector cannot be applied to the page
     */
    public @Nullable String in(PageSource page) {
        return in(page, new Budget());
    }

    @Nullable
    String in(PageSource page, Budget budget) {
        try {
            Scope scope = Scope.page(new Extraction(page, budget));
            List<Match> matches = query.matches(scope, Query.Wanted.FIRST);
            return !matches.isEmpty() && projection.of(matches.getFirst()) instanceof String link && !link.isBlank()
                    ? (String) Transform.ABSOLUTE_URL.ofText(link, page)
                    : null;
        } catch (ExtractionException failed) {
            throw new ExtractionException("follow.next: " + failed.getMessage(), failed);
        } catch (PageTooLargeException tooLarge) {
            throw tooLarge;
        } catch (StackOverflowError tooDeep) {
            throw new ExtractionException("follow.next: the page is nested too deeply.", tooDeep);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        } catch (RuntimeException failed) {
            throw new ExtractionException("follow.next: it cannot be applied to this page.", failed);
        }
    }
}
