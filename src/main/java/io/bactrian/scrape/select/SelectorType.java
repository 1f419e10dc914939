package io.bactrian.scrape.select;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The languages that a selector can be written in. */
enum SelectorType {
    CSS(Family.MARKUP),
    XPATH(Family.MARKUP),
    REGEX(Family.NONE),
    JSONLD(Family.JSON),
    JSONPATH(Family.JSON),
    META(Family.NONE);

    /** What selectors are applied to, which decides which of them are possible. */
    enum Family {
        PAGE,
        MARKUP,
        JSON,
        NONE
    }

    private final Family ofFields;

    SelectorType(Family ofFields) {
        this.ofFields = ofFields;
    }

    /** What the fields of such a selector are applied to. */
    Family ofFields() {
        return ofFields;
    }

    boolean findsElements() {
        return this == CSS || this == XPATH;
    }

    /** The name that clients write. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isAllowedIn(Family family) {
        return switch (family) {
            case PAGE -> true;
            case MARKUP -> findsElements() || this == REGEX;
            case JSON -> this == JSONPATH;
            case NONE -> false;
        };
    }

    /** The type that the form names, or the one that its text implies; null where it names one that does not exist. */
    @Nullable
    static SelectorType of(SelectorForm form, Family family) {
        if (form.type() != null) {
            for (SelectorType type : values()) {
                if (type.label().equals(form.type())) {
                    return type;
                }
            }
            return null;
        }
        if (form.selector().strip().startsWith(SelectorText.XPATH_PREFIX)) {
            return XPATH;
        }
        return family == Family.JSON ? JSONPATH : CSS;
    }
}
