package io.bactrian.webhook;

import io.bactrian.egress.RetryAfter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** What came of each attempt to deliver, and what follows from it: the end, or another attempt at its time. */
@Service
public final class WebhookAttempts {
    /** Beyond the longest delay of any sensible schedule, to which it is cut. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(7);

    /** How long it can be read what became of a delivery. */
    private static final Duration KEPT = Duration.ofDays(30);

    private static final int GONE = 410;

    private final DeliveryStore store;
    private final WebhookProperties properties;
    private final Clock clock;

    WebhookAttempts(DeliveryStore store, WebhookProperties properties, Clock clock) {
        this.store = store;
        this.properties = properties;
        this.clock = clock;
    }

    /**
     * Stores what a receiver has answered: 2xx is success, 410 the end, everything else is tried again.
     *
     * @param retryAfter the header of the answer, or null
     * @param body the beginning of the answer's body, or null where there is none
     */
    public void answered(PreparedDelivery delivery, int status, @Nullable String retryAfter, byte @Nullable [] body) {
        String text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
        DeliveryAttempt attempt =
                new DeliveryAttempt(delivery.begunAt(), status, delivery.durationMillis(), problem(status), text);
        DeliveryToken token = delivery.delivery().token();
        if (attempt.error() == null) {
            store.store(token, attempt, DeliveryStatus.DELIVERED, null);
        } else if (status == GONE) {
            store.store(token, attempt, DeliveryStatus.FAILED, null);
        } else {
            failed(delivery.delivery(), attempt, RetryAfter.parse(retryAfter, clock, LONGEST_WAIT));
        }
    }

    /** Stores that no answer came; it is tried again. */
    public void failed(PreparedDelivery delivery, String error) {
        DeliveryAttempt attempt = new DeliveryAttempt(delivery.begunAt(), null, delivery.durationMillis(), error, null);
        failed(delivery.delivery(), attempt, null);
    }

    /** Stores that nothing could be sent; it is tried again. */
    void failed(PendingDelivery delivery, String error) {
        failed(delivery, new DeliveryAttempt(clock.instant(), null, 0, error, null), null);
    }

    /** Stores that there is nothing to send any more. */
    void ended(PendingDelivery delivery, String error) {
        DeliveryAttempt attempt = new DeliveryAttempt(clock.instant(), null, 0, error, null);
        store.store(delivery.token(), attempt, DeliveryStatus.FAILED, null);
    }

    private void failed(PendingDelivery delivery, DeliveryAttempt attempt, @Nullable Duration retryAfter) {
        Duration wait = properties.after(delivery.attempts() + 1, retryAfter, ThreadLocalRandom.current());
        if (wait == null) {
            store.store(delivery.token(), attempt, DeliveryStatus.FAILED, null);
        } else {
            Instant next = clock.instant().plus(wait);
            store.store(delivery.token(), attempt, DeliveryStatus.PENDING, next);
        }
    }

    /** Sends the messages of pending deliveries anew that were lost with a broker's data. */
    public void resendLost() {
        store.sendLost();
    }

    /** Forgets the deliveries that ended more than 30 days ago. */
    public void forgetOld() {
        store.forgetEnded(clock.instant().minus(KEPT));
    }

    private static @Nullable String problem(int status) {
        if (status >= 200 && status < 300) {
            return null;
        }
        return status >= 300 && status < 400
                ? "The receiver answered " + status + ", and redirects are not followed."
                : "The receiver answered " + status + ".";
    }
}
