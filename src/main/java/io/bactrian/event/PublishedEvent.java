package io.bactrian.event;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way to customers' webhooks.
 *
 * @param id the same for every receiver and attempt
 * @param type the name of the {@link EventType}
 * @param webhookUrl a receiver beside the account's webhooks, or null
 * @param body JSON text, as every receiver gets it
 */
public record PublishedEvent(
        String id,
        UUID accountId,
        String type,
        Instant at,
        @Nullable String webhookUrl,
        String body) {}
