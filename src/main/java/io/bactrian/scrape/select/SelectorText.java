package io.bactrian.scrape.select;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a selector says beside its options.
 *
 * @param expression the text in the selector's own language
 * @param attribute the attribute that it asks for, or null
 */
record SelectorText(String expression, @Nullable String attribute) {
    static final String XPATH_PREFIX = "xpath:";
    private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z_:][A-Za-z0-9_:.-]{0,127}");

    static boolean isAttributeName(String name) {
        return ATTRIBUTE.matcher(name).matches();
    }

    /** Takes the prefix {@code xpath:} or, of CSS, the suffix {@code @attribute} apart from the expression. */
    static SelectorText of(SelectorForm form, SelectorType type) throws SelectorSyntaxException {
        String text = form.selector().strip();
        if (type == SelectorType.XPATH && text.startsWith(XPATH_PREFIX)) {
            text = text.substring(XPATH_PREFIX.length()).strip();
        }
        int at = type == SelectorType.CSS ? attributeMark(text) : -1;
        if (at < 0) {
            return new SelectorText(type == SelectorType.REGEX ? form.selector() : text, form.attribute());
        }
        if (form.attribute() != null) {
            throw new SelectorSyntaxException("Has an attribute both in its text (@) and as 'attribute': keep one.");
        }
        return new SelectorText(text.substring(0, at).strip(), text.substring(at + 1));
    }

    /** The place of an {@code @} that begins a trailing attribute name outside of brackets and quotes, or -1. */
    private static int attributeMark(String css) {
        String bare = Unquoted.of(css);
        int mark = -1;
        int brackets = 0;
        for (int i = 0; i < bare.length(); i++) {
            char c = bare.charAt(i);
            if (c == '[' || c == '(') {
                brackets++;
            } else if (c == ']' || c == ')') {
                brackets--;
            } else if (c == '@' && brackets == 0) {
                mark = i;
            }
        }
        return mark >= 0 && isAttributeName(css.substring(mark + 1)) ? mark : -1;
    }

    /**
     * Compiles the expression.
     *
     * @param spread whether a JSON array found is taken for its elements
     */
    Query compile(SelectorType type, boolean spread) throws SelectorSyntaxException {
        return switch (type) {
            case CSS -> expression.isEmpty() ? CssQuery.scope() : CssQuery.compile(expression);
            case XPATH -> XpathQuery.compile(expression.isEmpty() ? "." : expression);
            case REGEX -> RegexQuery.compile(expression);
            case JSONLD -> JsonPathQuery.compile(expression.isEmpty() ? "$" : expression, true, spread);
            case JSONPATH -> JsonPathQuery.compile(expression.isEmpty() ? "$" : expression, false, spread);
            case META -> new MetaQuery(expression);
        };
    }
}
