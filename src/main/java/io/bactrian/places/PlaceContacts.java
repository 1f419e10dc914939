package io.bactrian.places;

/** Looks for e-mail addresses and social links on the websites of places, page by page. */
public interface PlaceContacts {

    /** The step that begins with the website of a place. */
    Visit begin(String placeId, String website);

    /** Makes one step, of the kind {@link Visit.Kind#CONTACT}. */
    VisitOutcome visit(VisitRequest request);
}
