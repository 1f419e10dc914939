package io.bactrian.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How many deliveries are under way to a host and of an account at once, from this node: a receiver that hangs has its few
 * consumers and no more, and no account has them all.
 */
@Component
final class DeliverySlots {
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    /** However many wait for one host, this is how often one of them looks whether it is free. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    private final WebhookProperties properties;
    private final Clock clock;
    private final Map<String, Integer> underWay = new HashMap<>();
    private final Map<String, Instant> looks = new HashMap<>();

    DeliverySlots(WebhookProperties properties, Clock clock) {
        this.properties = properties;
        this.clock = clock;
    }

    /** A place among the deliveries that are under way, given back by closing it. */
    final class Slot implements AutoCloseable {
        private final String host;
        private final String account;
        private boolean closed;

        private Slot(String host, String account) {
            this.host = host;
            this.account = account;
        }

        @Override
        public void close() {
            synchronized (DeliverySlots.this) {
                if (!closed) {
                    closed = true;
                    underWay.computeIfPresent(host, (key, count) -> fewer(count));
                    underWay.computeIfPresent(account, (key, count) -> fewer(count));
                }
            }
        }
    }

    /** A place, or empty where the host or the account has all that it may have. */
    synchronized Optional<Slot> take(String host, UUID account) {
        if (full(host, account) != null) {
            return Optional.empty();
        }
        underWay.merge(hostKey(host), 1, Integer::sum);
        underWay.merge(accountKey(account), 1, Integer::sum);
        return Optional.of(new Slot(hostKey(host), accountKey(account)));
    }

    /** When to ask again after {@link #take} had nothing; each that asks gets a time of its own. */
    synchronized Instant nextLook(String host, UUID account) {
        Instant now = clock.instant();
        looks.values().removeIf(at -> at.isBefore(now));
        String full = full(host, account);
        Instant earliest = now.plus(SHORTEST_WAIT);
        Instant booked = looks.getOrDefault(full == null ? hostKey(host) : full, earliest);
        Instant at = booked.isAfter(earliest) ? booked : earliest;
        looks.put(full == null ? hostKey(host) : full, at.plus(BETWEEN_LOOKS));
        return at;
    }

    private @Nullable String full(String host, UUID account) {
        if (underWay.getOrDefault(hostKey(host), 0) >= properties.perHost()) {
            return hostKey(host);
        }
        return underWay.getOrDefault(accountKey(account), 0) >= properties.perAccount() ? accountKey(account) : null;
    }

    private static @Nullable Integer fewer(int count) {
        return count > 1 ? count - 1 : null;
    }

    private static String hostKey(String host) {
        return "host " + host;
    }

    private static String accountKey(UUID account) {
        return "account " + account;
    }
}
