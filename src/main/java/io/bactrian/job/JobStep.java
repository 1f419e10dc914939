package io.bactrian.job;

import io.bactrian.places.Visit;
import io.bactrian.places.VisitRequest;

/**
 * One visit that a lane makes now.
 *
 * @param visitId of its row in {@code job_visit}
 * @param began when the lane took its token, by {@link System#nanoTime()}
 */
public record JobStep(JobToken token, String provider, long visitId, VisitRequest request, long began) {
    Visit visit() {
        return request.visit();
    }
}
