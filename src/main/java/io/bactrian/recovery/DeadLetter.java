package io.bactrian.recovery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that its queue has given up.
 *
 * @param id the broker's number of it
 * @param queue where it was, or null where the broker does not say
 * @param sentAt when it was sent to that queue
 * @param work what it asks for, such as {@code task:…}, or null where it names no work
 * @param reason the last failure that was noted of that work, or null
 * @param body its text, or what is to be said of a body that is none
 */
public record DeadLetter(
        long id,
        @Nullable String queue,
        Instant sentAt,
        @Nullable String work,
        @Nullable String reason,
        String body) {}
