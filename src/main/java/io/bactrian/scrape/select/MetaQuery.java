package io.bactrian.scrape.select;

import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Element;
import org.jsoup.select.CombiningEvaluator;
import org.jsoup.select.Evaluator;

/**
 * The {@code content} of the {@code meta} elements with a {@code name} or {@code property}.
 *
 * @param name compared without regard to case
 */
record MetaQuery(String name) implements Query {
    private static final Evaluator META = new Evaluator.Tag("meta");

    @Override
    public List<Match> matches(Scope scope, Wanted wanted) {
        Element markup = scope.markup();
        List<Match> found = new ArrayList<>();
        if (markup != null) {
            for (Element meta : markup.select(
                    new CombiningEvaluator.And(List.of(new CssQuery.Meter(scope.budget(), CssTraits.of("")), META)))) {
                boolean named = meta.attr("name").strip().equalsIgnoreCase(name)
                        || meta.attr("property").strip().equalsIgnoreCase(name);
                if (named && meta.hasAttr("content")) {
                    found.add(new Match.OfText(meta.attr("content")));
                }
            }
        }
        return found;
    }
}
