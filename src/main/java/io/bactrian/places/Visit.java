package io.bactrian.places;

import io.bactrian.OutsideText;

/**
 * One step of a search: a page of results to look through, a place to look at, or a place's own website. A search makes each
 * step once, whoever finds it how often.
 *
 * @param key identifies the step within its search
 * @param target where it goes; a matter of the provider alone, and of no more than 4,000 characters
 */
public record Visit(Kind kind, String key, String target) {
    public Visit {
        key = OutsideText.key(key);
        target = OutsideText.clean(target);
    }

    /** What a step looks at. */
    public enum Kind {
        /** Results, or a part of the map. */
        SEARCH,
        /** One place. */
        PLACE,
        /** The website of a place, for ways to contact it. */
        CONTACT
    }
}
