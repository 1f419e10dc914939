package io.bactrian.task;

import io.bactrian.Shares;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * This node's consumers of lanes for static pages, divided among accounts: a token of an account that has its share goes back
 * to the end of the queue, so a free consumer is always there for another account's.
 */
@Component
class LaneShares {
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    /** However many lanes of an account wait for a place, this is how often one of them looks. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    /** With fewer, one place that is kept free would be too large a part of them. */
    private static final int LEAST_CONSUMERS = 4;

    private final Shares shares;
    private final Clock clock;
    private final Map<UUID, Instant> looks = new HashMap<>();

    LaneShares(@Value("${bactrian.lanes.consumers:64}") int consumers, Clock clock) {
        this.shares = new Shares(consumers < LEAST_CONSUMERS ? Integer.MAX_VALUE : consumers);
        this.clock = clock;
    }

    /** A place for one step, or empty where the account has as many as it may. */
    Optional<Shares.Share> take(UUID account) {
        return shares.take(account.toString(), 1);
    }

    /** When a lane is to ask again after {@link #take} had nothing; each that asks gets a time of its own. */
    synchronized Instant nextLook(UUID account) {
        Instant now = clock.instant();
        looks.values().removeIf(at -> at.isBefore(now));
        Instant earliest = now.plus(SHORTEST_WAIT);
        Instant booked = looks.getOrDefault(account, earliest);
        Instant at = booked.isAfter(earliest) ? booked : earliest;
        looks.put(account, at.plus(BETWEEN_LOOKS));
        return at;
    }
}
