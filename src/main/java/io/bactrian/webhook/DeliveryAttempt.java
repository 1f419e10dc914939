package io.bactrian.webhook;

import io.bactrian.OutsideText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to deliver something.
 *
 * @param at when it began
 * @param statusCode of the receiver's answer, or null where there was none
 * @param durationMs from the connection to the answer, in milliseconds
 * @param error what stood in the way, or null where the receiver has taken it
 * @param responseBody the first 2 KB of the answer, or null where there was none
 */
public record DeliveryAttempt(
        Instant at,
        @Nullable Integer statusCode,
        long durationMs,
        @Nullable String error,
        @Nullable String responseBody) {
    public DeliveryAttempt {
        error = OutsideText.line(error);
        responseBody = OutsideText.line(responseBody);
    }
}
