package io.bactrian.webhook;

import io.bactrian.egress.HttpUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An attempt to deliver a file that is about to be made: the file is written and signed, and a slot is taken for it. Closing
 * it deletes the file and gives the slot back.
 */
final class PreparedDelivery implements Attempt {
    private final DeliveryStore store;
    private final PendingDelivery delivery;
    private final HttpUrl url;
    private final Path file;
    private final String mediaType;
    private final Map<String, String> headers;
    private final Instant begunAt;
    private final long begunNanos = System.nanoTime();
    private final Runnable cleaner;

    /** @param headers all but the {@code Content-Type} */
    PreparedDelivery(
            DeliveryStore store,
            PendingDelivery delivery,
            HttpUrl url,
            Path file,
            String mediaType,
            Map<String, String> headers,
            Instant begunAt,
            Runnable cleaner) {
        this.store = store;
        this.delivery = delivery;
        this.url = url;
        this.file = file;
        this.mediaType = mediaType;
        this.headers = Map.copyOf(headers);
        this.begunAt = begunAt;
        this.cleaner = cleaner;
    }

    PendingDelivery delivery() {
        return delivery;
    }

    @Override
    public HttpUrl url() {
        return url;
    }

    Path file() {
        return file;
    }

    @Override
    public Object content() {
        return file.toFile();
    }

    @Override
    public String mediaType() {
        return mediaType;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public Instant begunAt() {
        return begunAt;
    }

    @Override
    public long durationMillis() {
        return Duration.ofNanos(System.nanoTime() - begunNanos).toMillis();
    }

    @Override
    public int earlierAttempts() {
        return delivery.attempts();
    }

    @Override
    public void store(DeliveryAttempt made, DeliveryStatus status, @Nullable Instant next) {
        store.store(delivery.token(), made, status, next);
    }

    @Override
    public void close() {
        cleaner.run();
    }
}
