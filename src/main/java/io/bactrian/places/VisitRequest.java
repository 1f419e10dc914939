package io.bactrian.places;

/**
 * A step that is to be made now.
 *
 * @param attempt which attempt this is, from 1
 * @param booked whether the step comes at the time that an earlier {@link VisitOutcome.Later} gave it
 * @param lane identifies those steps that may share a browser's context, and are made one after another
 */
public record VisitRequest(PlaceQuery query, Visit visit, int attempt, boolean booked, String lane) {}
