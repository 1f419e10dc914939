package io.bactrian.webhook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of an endpoint wants to be different; null is what stays as it is.
 *
 * @param active whether it is to be told of events; false pauses it
 */
public record WebhookEndpointChange(
        @Nullable String url,
        @Nullable List<String> events,
        @Nullable Boolean active) {
    public WebhookEndpointChange {
        events = events == null ? null : List.copyOf(events);
    }
}
