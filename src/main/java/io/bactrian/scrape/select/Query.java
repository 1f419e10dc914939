package io.bactrian.scrape.select;

import java.util.List;

/** A compiled selector text: finds matches in a scope. Immutable and safe for use by many threads. */
sealed interface Query permits CssQuery, XpathQuery, RegexQuery, JsonPathQuery, MetaQuery {

    /**
     * The matches in the order of the page.
     *
     * @param wanted whether the caller uses the first match only, or all of them
     * @throws ExtractionException when the query is too costly for this page
     */
    List<Match> matches(Scope scope, Wanted wanted);

    /** How many of the matches are used. */
    enum Wanted {
        FIRST,
        ALL
    }
}
