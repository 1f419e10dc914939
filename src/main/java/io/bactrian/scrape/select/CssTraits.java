package io.bactrian.scrape.select;

import java.util.List;

/**
 * What a CSS selector is made of, as far as its cost goes.
 *
 * @param tildes how many {@code ~} combinators it has
 * @param remembering how many of its parts make jsoup remember a result for each node
 * @param positional whether a pseudo-class counts siblings, such as {@code :nth-child()}
 * @param walksSiblings whether a pseudo-class makes jsoup walk the siblings of each element: those that count from the end
 *     or by the tag
 * @param walksDescendants whether a pseudo-class reads what is in an element, such as {@code :contains()}
 * @param pseudo whether it has any pseudo-class
 * @param has whether it has {@code :has()}
 * @param nestedHas whether {@code :has()} stands in {@code :has()}
 * @param regex whether it has a regular expression
 */
record CssTraits(
        int tildes,
        int remembering,
        boolean positional,
        boolean walksSiblings,
        boolean walksDescendants,
        boolean pseudo,
        boolean has,
        boolean nestedHas,
        boolean regex) {

    private static final List<String> POSITIONAL = List.of(":nth-", "-of-type", "-child", ":eq(", ":lt(", ":gt(");

    private static final List<String> WALKING_SIBLINGS = List.of("-last-", "-of-type", ":only-", ":last-child");
    private static final List<String> WALKING_DESCENDANTS = List.of(":contains", ":matches", ":has(");

    /** Whether it may take more than a few steps for each element. */
    boolean costly() {
        return pseudo || tildes > 0 || regex;
    }

    /** Whether it may look at every pair of siblings to decide over one element. */
    boolean quadraticForOneElement() {
        return tildes > 1 || (tildes > 0 && (positional || has)) || (has && positional);
    }

    static CssTraits of(String css) {
        String bare = Unquoted.of(css).replaceAll("\\[[^\\]]*\\]", "[]");
        int tildes = 0;
        int remembering = 0;
        int depth = 0;
        int hasDepth = -1;
        boolean nestedHas = false;
        for (int i = 0; i < bare.length(); i++) {
            switch (bare.charAt(i)) {
                case '(' -> depth++;
                case ')' -> {
                    depth--;
                    hasDepth = depth <= hasDepth ? -1 : hasDepth;
                }
                case ':' -> {
                    if (bare.startsWith(":has(", i)) {
                        nestedHas |= hasDepth >= 0;
                        hasDepth = hasDepth < 0 ? depth : hasDepth;
                    } else if (bare.startsWith(":not(", i)) {
                        remembering++;
                    }
                }
                case '~' -> {
                    tildes++;
                    remembering++;
                }
                case ' ', '+' -> remembering++;
                default -> {}
            }
        }
        boolean positional = POSITIONAL.stream().anyMatch(bare::contains);
        boolean walksSiblings = WALKING_SIBLINGS.stream().anyMatch(bare::contains);
        boolean walksDescendants = WALKING_DESCENDANTS.stream().anyMatch(bare::contains);
        boolean regex = css.contains("~=") || css.contains(":matches");
        return new CssTraits(
                tildes,
                remembering,
                positional,
                walksSiblings,
                walksDescendants,
                bare.contains(":"),
                bare.contains(":has("),
                nestedHas,
                regex);
    }
}
