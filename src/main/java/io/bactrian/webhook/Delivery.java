package io.bactrian.webhook;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that is, was, or could not be delivered, as its owner sees it.
 *
 * @param event such as {@code export.csv}
 * @param eventId the {@code webhook-id} of every attempt
 * @param attempts the oldest first
 * @param nextAttemptAt null unless it is pending
 */
public record Delivery(
        long id,
        String event,
        String eventId,
        DeliveryStatus status,
        List<DeliveryAttempt> attempts,
        @Nullable Instant nextAttemptAt,
        Instant createdAt) {
    public Delivery {
        attempts = List.copyOf(attempts);
    }

    Delivery with(List<DeliveryAttempt> made) {
        return new Delivery(id, event, eventId, status, made, nextAttemptAt, createdAt);
    }
}
