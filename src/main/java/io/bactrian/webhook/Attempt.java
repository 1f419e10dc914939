package io.bactrian.webhook;

import io.bactrian.egress.HttpUrl;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An attempt to deliver something to a receiver, about to be made. Closing it gives back what it holds. */
interface Attempt extends AutoCloseable {

    HttpUrl url();

    /** All but the {@code Content-Type}. */
    Map<String, String> headers();

    String mediaType();

    /** The body, as camel-http takes it. */
    Object content();

    Instant begunAt();

    /** Milliseconds since it began. */
    long durationMillis();

    /** How many attempts on the schedule of retries there were before. */
    int earlierAttempts();

    /**
     * Stores what came of it.
     *
     * @param next when the next attempt is due; null unless the delivery stays pending
     */
    void store(DeliveryAttempt made, DeliveryStatus status, @Nullable Instant next);

    @Override
    void close();
}
