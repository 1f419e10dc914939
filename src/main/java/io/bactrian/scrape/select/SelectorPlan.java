package io.bactrian.scrape.select;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The selectors of a task, compiled once and applied to each page.
 *
 * <p>Selectors are CSS as jsoup knows it (its {@code [name~=regex]} takes a regular expression), XPath 1.0, RE2 regular
 * expressions, JSONPath, and names of {@code meta} elements. They come from outside and pages do too, so an extraction is
 * bounded: in work (about five seconds at worst, about a millisecond on an ordinary page), in values (100,000 in
 * lists) and in output (4 MB).
 *
 * <p>Immutable and safe for use by many threads at once.
 */
public final class SelectorPlan {
    private final List<Selection> selections;
    private final List<String> names;

    private SelectorPlan(List<Selection> selections) {
        this.selections = List.copyOf(selections);
        this.names = selections.stream().map(Selection::name).toList();
    }

    /**
     * Compiles the {@code config.selectors} of a task.
     *
     * @throws io.bactrian.InvalidInputException with every violation found, whose fields begin with {@code config.selectors}
     */
    public static SelectorPlan compile(JsonNode selectors) {
        return new SelectorPlan(new SelectorCompiler().compile(selectors));
    }

    /** The names of the selectors in their order, which are the members of each extracted object. */
    public List<String> names() {
        return names;
    }

    /** Whether any selector reads JSON pages; without one, a JSON page holds nothing for this plan. */
    public boolean readsJson() {
        return selections.stream().anyMatch(SelectorPlan::isJsonPath);
    }

    /** Whether any selector reads pages of HTML or XML. */
    public boolean readsMarkup() {
        return selections.stream().anyMatch(selection -> !isJsonPath(selection));
    }

    private static boolean isJsonPath(Selection selection) {
        return selection.query() instanceof JsonPathQuery query && !query.overJsonLd();
    }

    /**
     * Applies the plan to a page.
     *
     * @return the text of a JSON object with one member for each selector, in their order; what the page does not have is
     *     null, {@code []} with {@code all}, or the selector's default
     * @throws ExtractionException when the plan cannot be applied: its JSON does not parse, or a bound is exceeded
     */
    public String extract(PageSource page) {
        return extract(page, new Budget());
    }

    String extract(PageSource page, Budget budget) {
        String current = "";
        try {
            Extraction extraction = new Extraction(page, budget);
            Scope scope = Scope.page(extraction);
            extraction.generator().writeStartObject();
            for (Selection selection : selections) {
                current = selection.name();
                extraction.generator().writeFieldName(current);
                selection.write(scope);
            }
            extraction.generator().writeEndObject();
            return extraction.finish();
        } catch (ExtractionException failed) {
            throw new ExtractionException("Selector '" + current + "': " + failed.getMessage(), failed);
        } catch (PageTooLargeException tooLarge) {
            throw tooLarge;
        } catch (StackOverflowError tooDeep) {
            throw new ExtractionException("Selector '" + current + "': the page is nested too deeply.", tooDeep);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        } catch (RuntimeException failed) {
            // A parser or engine that a crafted page breaks must not take more than this page down.
            throw new ExtractionException("Selector '" + current + "': it cannot be applied to this page.", failed);
        }
    }
}
