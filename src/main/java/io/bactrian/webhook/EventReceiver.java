package io.bactrian.webhook;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address to which events of an account were sent, without its secret.
 *
 * @param registered false for the {@code webhook_url} of a task
 * @param events what it is told of, where it is registered
 */
public record EventReceiver(
        long id,
        boolean registered,
        String url,
        List<String> events,
        boolean active,
        @Nullable String disabledReason,
        Instant createdAt,
        @Nullable Instant lastDeliveredAt) {
    public EventReceiver {
        events = List.copyOf(events);
    }
}
