package io.bactrian.webhook;

import io.bactrian.OneByOne;
import io.bactrian.egress.HttpUrl;
import io.bactrian.outbox.ReturnTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One step of one lane of an endpoint: the deliveries that it may make now, handed out one after another, and what they have
 * told of the endpoint. A step belongs to one thread.
 */
public final class EndpointStep {
    /** How long a step goes on; a receiver that hangs has its consumer for one attempt more at most. */
    private static final Duration SLICE = Duration.ofSeconds(5);

    /** A receiver that takes longer than this is slow. */
    private static final Duration SLOW = Duration.ofSeconds(2);

    private final EndpointToken token;
    private final Instant tokenDue;
    private final Instant taken;
    private final Endpoint endpoint;
    private final EventDeliveryStore store;
    private final String userAgent;
    private final Clock clock;
    private final Deque<DueDelivery> due;
    private final Attempts attempts = new Attempts();
    private final long began = System.nanoTime();
    private @Nullable Instant delivered;
    private @Nullable Instant failed;
    private boolean gone;
    private boolean slow;

    /**
     * The receiver.
     *
     * @param url in the form in which it is asked
     * @param secrets what it is signed with
     */
    record Endpoint(long id, UUID accountId, boolean registered, HttpUrl url, List<SigningSecret> secrets) {}

    EndpointStep(
            EndpointToken token,
            Instant tokenDue,
            Endpoint endpoint,
            List<DueDelivery> due,
            EventDeliveryStore store,
            String userAgent,
            Clock clock) {
        this.token = token;
        this.endpoint = endpoint;
        this.due = new ArrayDeque<>(due);
        this.store = store;
        this.userAgent = userAgent;
        this.clock = clock;
        this.tokenDue = tokenDue;
        this.taken = clock.instant();
    }

    /**
     * The attempts to make; each is signed when the one before is stored, and there are no more when the step has had its
     * time, or when an attempt was not stored.
     */
    public Iterator<Object> attempts() {
        return attempts;
    }

    private final class Attempts extends OneByOne<Object> {
        @Override
        protected @Nullable Object choose() {
            boolean more = !due.isEmpty() && !gone && System.nanoTime() - began < SLICE.toNanos();
            return more ? new EventAttempt(due.removeFirst()) : null;
        }

        private void isStored() {
            answered();
        }
    }

    EndpointToken token() {
        return token;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** When the endpoint last took something in this step, or null. */
    @Nullable
    Instant delivered() {
        return delivered;
    }

    /** When it last did not, or null. */
    @Nullable
    Instant failed() {
        return failed;
    }

    /** Whether it has answered that it wants nothing any more. */
    boolean gone() {
        return gone;
    }

    /** Whether its last attempt of this step took long. */
    boolean slow() {
        return slow;
    }

    /** When its token comes back if it found nothing to do. */
    ReturnTime returnTime(Instant next) {
        return ReturnTime.afterNothing(tokenDue, next, taken);
    }

    /** Whether it was asked at all. */
    boolean asked() {
        return delivered != null || failed != null;
    }

    private final class EventAttempt implements Attempt {
        private final DueDelivery delivery;
        private final Instant begunAt = clock.instant();
        private final long begunNanos = System.nanoTime();
        private final Map<String, String> headers;

        private EventAttempt(DueDelivery delivery) {
            this.delivery = delivery;
            this.headers = new HashMap<>(
                    WebhookSignature.headers(delivery.eventId(), begunAt, endpoint.secrets(), delivery.body()));
            headers.put("User-Agent", userAgent);
        }

        @Override
        public HttpUrl url() {
            return endpoint.url();
        }

        @Override
        public Map<String, String> headers() {
            return headers;
        }

        @Override
        public String mediaType() {
            return "application/json; charset=utf-8";
        }

        @Override
        public Object content() {
            return delivery.body();
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
            return delivery.attempts() - delivery.attemptsBefore();
        }

        @Override
        public void store(DeliveryAttempt made, DeliveryStatus status, @Nullable Instant next) {
            store.store(delivery, made, status, next);
            if (status == DeliveryStatus.DELIVERED) {
                delivered = made.at();
            } else {
                failed = made.at();
                Integer code = made.statusCode();
                gone = code != null && code == WebhookAttempts.GONE;
            }
            slow = made.durationMs() > SLOW.toMillis();
            attempts.isStored();
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }
}
