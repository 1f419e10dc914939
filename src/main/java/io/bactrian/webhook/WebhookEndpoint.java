package io.bactrian.webhook;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address that an account has registered to hear of events, as its owner sees it.
 *
 * @param events the names of the {@link io.bactrian.event.EventType}s that it is told of
 * @param secret what its deliveries are signed with now
 * @param disabledReason why the service has switched it off, or null where it has not
 * @param lastDeliveredAt when the receiver last took something
 */
public record WebhookEndpoint(
        long id,
        String url,
        List<String> events,
        SigningSecret secret,
        boolean active,
        @Nullable String disabledReason,
        Instant createdAt,
        @Nullable Instant lastDeliveredAt) {
    public WebhookEndpoint {
        events = List.copyOf(events);
    }
}
