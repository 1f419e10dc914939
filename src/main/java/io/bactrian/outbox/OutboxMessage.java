package io.bactrian.outbox;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message that a transaction has caused.
 *
 * @param id identifies the message over all attempts to send it, so that the broker can drop a repetition
 * @param destination the name of a {@link Destination}; one that this version does not know comes from a later version
 * @param body JSON text
 * @param properties message properties for selectors
 * @param deliverAt when the broker is to deliver it, or null for at once
 * @param priority from 0 to 9: messages of a higher one overtake those of a lower one in their queue
 */
public record OutboxMessage(
        UUID id,
        String destination,
        String body,
        Map<String, String> properties,
        @Nullable Instant deliverAt,
        int priority) {
    /** The priority of JMS for messages that say nothing of it. */
    public static final int ORDINARY = 4;

    /** For messages that must arrive at their time, however many wait. */
    public static final int URGENT = 9;

    /** The name of the destination, for the route's choice. */
    public String routeName() {
        return Destination.routeName(destination);
    }
}
