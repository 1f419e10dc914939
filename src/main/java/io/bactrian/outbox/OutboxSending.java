package io.bactrian.outbox;

import io.bactrian.outage.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The messages that this node is sending to the broker, and how its attempts end.
 *
 * <p>Nobody waits for the broker: the routes hand messages over and go on. At most 2,000 messages are on their way at once;
 * what does not fit, or was not sent, stays in the {@link Outbox} and is the sweeper's. While the broker is away the sweeper
 * tries a few messages each time, and all of them as soon as one was taken.
 */
@Component
public class OutboxSending {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxSending.class);

    private static final int ROOM = 2000;
    private static final int SWEPT_AT_ONCE = 1000;
    private static final int PROBES = 10;
    private static final Duration PROBED_AGAIN = Duration.ofSeconds(5);

    /** So many different messages have to fail in a row, and for so long, before the fault is not theirs but this node's. */
    private static final int SUSPICIOUS = 3;

    private static final Duration STUCK = Duration.ofMinutes(1);
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

    private final Semaphore room = new Semaphore(ROOM);
    private final Map<String, Long> warnedAt = new ConcurrentHashMap<>();
    private final Outbox outbox;
    private final LongSupplier nanoTime;

    private volatile boolean brokerAway;

    // Guarded by this.
    private final Set<UUID> failedSinceSuccess = new HashSet<>();
    private long lastSuccess;
    private long failingSince;

    @Autowired
    OutboxSending(Outbox outbox) {
        this(outbox, System::nanoTime);
    }

    OutboxSending(Outbox outbox, LongSupplier nanoTime) {
        this.outbox = outbox;
        this.nanoTime = nanoTime;
        this.lastSuccess = nanoTime.getAsLong();
    }

    /** The messages of this thread's transactions that are to be sent now; each has a place on its way until {@link #done}. */
    List<OutboxMessage> committed() {
        List<OutboxMessage> messages = outbox.committed();
        return brokerAway ? List.of() : messages.subList(0, taken(messages.size()));
    }

    /** Claims what is overdue, as much as can be on its way; each message has a place there until {@link #done}. */
    public List<OutboxMessage> overdue() {
        int places = taken(brokerAway ? PROBES : SWEPT_AT_ONCE);
        List<OutboxMessage> claimed = List.of();
        try {
            if (places > 0) {
                claimed = outbox.claim(places);
            }
            return new ArrayList<>(claimed);
        } finally {
            room.release(places - claimed.size());
        }
    }

    private int taken(int wanted) {
        if (room.tryAcquire(wanted)) {
            return wanted;
        }
        int drained = room.drainPermits();
        int places = Math.min(drained, wanted);
        room.release(drained - places);
        return places;
    }

    /** Gives the place of a message back, whatever came of it. */
    void done() {
        room.release();
    }

    /** Forgets a message that the broker has taken. */
    public void sent(OutboxMessage message) {
        brokerAway = false;
        synchronized (this) {
            failedSinceSuccess.clear();
            lastSuccess = nanoTime.getAsLong();
        }
        outbox.sent(message);
    }

    /**
     * Leaves a message that was not sent to the sweeper, and tells why.
     *
     * @param message null where what failed was to find messages
     */
    public void failed(@Nullable OutboxMessage message, Throwable cause) {
        if (message == null) {
            LOG.warn("Looking after messages failed, and is tried again", cause);
            return;
        }
        if (cause instanceof UnroutableMessageException) {
            warn(message.routeName(), String.valueOf(cause.getMessage()));
            return;
        }
        if (Outage.of(cause) == Outage.DATABASE) {
            // The broker has the message; it drops the repetition.
            LOG.warn("A sent message stays in the outbox for now", cause);
            return;
        }
        brokerAway = Outage.of(cause) == Outage.BROKER;
        synchronized (this) {
            if (failedSinceSuccess.isEmpty()) {
                failingSince = nanoTime.getAsLong();
            }
            if (failedSinceSuccess.size() < SUSPICIOUS) {
                failedSinceSuccess.add(message.id());
            }
        }
        if (brokerAway) {
            LOG.warn("A message stays in the outbox for now", cause);
            outbox.postpone(message, PROBED_AGAIN);
        } else {
            warn(
                    message.routeName(),
                    "The broker does not take the message %s to %s (%s). It is tried again until it does; see that the address exists and that the broker's user may send there."
                            .formatted(message.id(), message.routeName(), reason(cause)));
        }
    }

    private static String reason(Throwable cause) {
        Throwable deepest = cause;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage());
    }

    /** There are as many kinds of warnings as destinations. */
    private void warn(String destination, String message) {
        long now = nanoTime.getAsLong();
        warnedAt.compute(destination, (name, last) -> {
            if (last != null && now - last < BETWEEN_WARNINGS.toNanos()) {
                return last;
            }
            LOG.warn(message);
            return now;
        });
    }

    /** Refuses a message for which the routes have no queue or topic. */
    public void unroutable(OutboxMessage message) {
        throw new UnroutableMessageException(message.routeName());
    }

    /**
     * Looks at this node's own attempts.
     *
     * @throws IllegalStateException when for a minute none has succeeded, though several messages were tried
     */
    public synchronized void check() {
        boolean failing = failedSinceSuccess.size() >= SUSPICIOUS && isLongAgo(failingSince);
        boolean hanging = room.availablePermits() == 0 && isLongAgo(lastSuccess);
        if (failing || hanging) {
            throw new IllegalStateException("This node's messages do not reach the broker");
        }
    }

    private boolean isLongAgo(long moment) {
        return nanoTime.getAsLong() - moment > STUCK.toNanos();
    }
}
