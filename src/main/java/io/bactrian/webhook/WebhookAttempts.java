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

    /** What a receiver answers that wants nothing any more (RFC 9110 section 15.5.11). */
    static final int GONE = 410;

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
    public void answered(Attempt attempt, int status, @Nullable String retryAfter, byte @Nullable [] body) {
        String text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
        DeliveryAttempt made =
                new DeliveryAttempt(attempt.begunAt(), status, attempt.durationMillis(), problem(status), text);
        if (made.error() == null) {
            attempt.store(made, DeliveryStatus.DELIVERED, null);
        } else if (status == GONE) {
            attempt.store(made, DeliveryStatus.FAILED, null);
        } else {
            Duration wait = wait(attempt.earlierAttempts(), RetryAfter.parse(retryAfter, clock, LONGEST_WAIT));
            attempt.store(made, status(wait), next(wait));
        }
    }

    /** Stores that no answer came; it is tried again. */
    public void failed(Attempt attempt, String error) {
        DeliveryAttempt made = new DeliveryAttempt(attempt.begunAt(), null, attempt.durationMillis(), error, null);
        Duration wait = wait(attempt.earlierAttempts(), null);
        attempt.store(made, status(wait), next(wait));
    }

    /** Stores that a file could not be sent; it is tried again. */
    void failed(PendingDelivery delivery, String error) {
        DeliveryAttempt made = new DeliveryAttempt(clock.instant(), null, 0, error, null);
        Duration wait = wait(delivery.attempts(), null);
        store.store(delivery.token(), made, status(wait), next(wait));
    }

    /** Stores that there is no file to send any more. */
    void ended(PendingDelivery delivery, String error) {
        DeliveryAttempt made = new DeliveryAttempt(clock.instant(), null, 0, error, null);
        store.store(delivery.token(), made, DeliveryStatus.FAILED, null);
    }

    private @Nullable Duration wait(int earlierAttempts, @Nullable Duration retryAfter) {
        return properties.after(earlierAttempts + 1, retryAfter, ThreadLocalRandom.current());
    }

    private static DeliveryStatus status(@Nullable Duration wait) {
        return wait == null ? DeliveryStatus.FAILED : DeliveryStatus.PENDING;
    }

    private @Nullable Instant next(@Nullable Duration wait) {
        return wait == null ? null : clock.instant().plus(wait);
    }

    /** Sends the messages of pending deliveries anew that were lost with a broker's data. */
    public void resendLost() {
        store.sendLost();
    }

    /**
     * Forgets some of the deliveries that ended more than 30 days ago.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        return store.forgetEnded(clock.instant().minus(KEPT));
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
