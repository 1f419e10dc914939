package io.bactrian.places;

import java.util.List;

/**
 * A source of places that can be searched, step by step.
 *
 * <p>Implementations keep no state of a search: what a step leads to is in its outcome, and any node may make the next one.
 * They are safe for use by many threads at once, and report every failure of the provider as an outcome, never as an
 * exception.
 */
public interface PlacesProvider {

    /** The name that clients choose it by, such as {@code google-maps}. */
    String name();

    /** Whether this node has all that it needs. */
    boolean available();

    /** Whether its places have ratings, so that they can be filtered by them. */
    boolean hasRatings();

    /** Whether its steps need a browser. */
    boolean needsBrowser();

    /** The steps that a search begins with. */
    List<Visit> begin(PlaceQuery query);

    /** Makes one step, of the kind {@link Visit.Kind#SEARCH} or {@link Visit.Kind#PLACE}. */
    VisitOutcome visit(VisitRequest request);
}
