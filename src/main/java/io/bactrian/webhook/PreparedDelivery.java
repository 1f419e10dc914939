package io.bactrian.webhook;

import io.bactrian.egress.HttpUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * An attempt to deliver a file that is about to be made: the file is written and signed, and a slot is taken for it. Closing
 * it deletes the file and gives the slot back.
 */
final class PreparedDelivery implements AutoCloseable {
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
            PendingDelivery delivery,
            HttpUrl url,
            Path file,
            String mediaType,
            Map<String, String> headers,
            Instant begunAt,
            Runnable cleaner) {
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

    HttpUrl url() {
        return url;
    }

    Path file() {
        return file;
    }

    String mediaType() {
        return mediaType;
    }

    Map<String, String> headers() {
        return headers;
    }

    Instant begunAt() {
        return begunAt;
    }

    long durationMillis() {
        return Duration.ofNanos(System.nanoTime() - begunNanos).toMillis();
    }

    @Override
    public void close() {
        cleaner.run();
    }
}
