package io.bactrian.places;

import io.bactrian.OutsideText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of one attempt at one step of a search. */
public sealed interface VisitOutcome {

    /**
     * The step was made.
     *
     * @param places that are completely known; the same place may be found by several steps
     * @param further steps that this one has led to, the most promising first
     */
    record Found(List<Place> places, List<Visit> further) implements VisitOutcome {
        public Found {
            places = List.copyOf(places);
            further = List.copyOf(further);
        }
    }

    /**
     * The website of a place was read.
     *
     * @param emails in lower case, each once
     * @param socialLinks URLs by the name of the network
     * @param further other pages of the website that are worth a look
     */
    record Contacted(String placeId, List<String> emails, Map<String, String> socialLinks, List<Visit> further)
            implements VisitOutcome {
        public Contacted {
            placeId = OutsideText.key(placeId);
            emails = Place.clean(emails);
            socialLinks = Map.copyOf(Place.clean(socialLinks));
            further = List.copyOf(further);
        }
    }

    /**
     * It is not the step's turn yet, for the provider's pace.
     *
     * @param booked whether a slot at that time is the step's own
     */
    record Later(Instant notBefore, boolean booked) implements VisitOutcome {}

    /**
     * The step was not made.
     *
     * @param code what went wrong, as in the rows of tasks, such as {@code timeout}
     * @param message one sentence for the person who searches
     * @param retryable whether another attempt may succeed
     * @param retryAfter how long the provider asked to be left alone, or null
     */
    record Failed(
            String code,
            String message,
            boolean retryable,
            @Nullable Duration retryAfter) implements VisitOutcome {
        public Failed {
            code = OutsideText.clean(code, OutsideText.KEY);
            message = OutsideText.clean(message, OutsideText.LINE);
        }
    }

    /** The browser died under the step. Whoever asked for the step counts how often that has happened to it. */
    record BrowserDied() implements VisitOutcome {}

    /**
     * The provider does not serve us any more, for example by a captcha: no step of the search can succeed for now.
     *
     * @param message one sentence for the person who searches
     */
    record Blocked(String message) implements VisitOutcome {
        public Blocked {
            message = OutsideText.clean(message, OutsideText.LINE);
        }
    }
}
