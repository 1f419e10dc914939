package io.bactrian.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/**
 * What receivers are told when a run of a saved search has completed.
 *
 * @param userId the account's number
 * @param places the first of the places that no earlier run had found, without their reviews and images
 * @param more how many further ones there are
 */
record SearchCompleted(
        long searchId,
        String name,
        String jobId,
        long userId,
        int resultCount,
        int newCount,
        List<ObjectNode> places,
        int more,
        Instant scheduledFor) {
    SearchCompleted {
        places = List.copyOf(places);
    }
}
