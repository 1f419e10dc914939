package io.bactrian.outbox;

import java.time.Duration;
import java.time.Instant;

/**
 * The time at which a lane's token comes back after a step that found nothing to do.
 *
 * <p>Such a step is one whose token came too early, for example because the broker's clock is ahead of this node's. If the
 * token asked for the same time again, it would come back at once, again and again.
 *
 * @param due when it is due by this node's clock
 * @param deliverAt what the broker is asked for, by its own clock
 */
public record ReturnTime(Instant due, Instant deliverAt) {
    /** The shortest time between two steps that find nothing to do. */
    private static final Duration LEAST = Duration.ofMillis(250);

    /**
     * When the token comes back.
     *
     * @param tokenDue when the token that has come now was due; how much too early it came is how far the broker is ahead
     * @param next when the lane may have something to do
     */
    public static ReturnTime afterNothing(Instant tokenDue, Instant next, Instant now) {
        Instant least = now.plus(LEAST);
        Instant due = next.isAfter(least) ? next : least;
        return new ReturnTime(due, tokenDue.isAfter(now) ? due.plus(Duration.between(now, tokenDue)) : due);
    }
}
