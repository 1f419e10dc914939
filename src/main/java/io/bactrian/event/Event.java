package io.bactrian.event;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to what belongs to an account.
 *
 * @param subject the id of the task, job or search that it happened to
 * @param status of the subject, for selectors; such as {@code completed}
 * @param data what receivers are told, written as JSON
 * @param webhookUrl a receiver of this event beside the account's webhooks, or null
 */
public record Event(
        UUID accountId,
        EventType type,
        String subject,
        String status,
        Object data,
        @Nullable String webhookUrl) {}
