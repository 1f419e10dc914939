package io.bactrian.api;

import java.util.HashMap;
import java.util.Map;

/**
 * An amount that clients share, none of which may have more than a part of it.
 *
 * <p>Safe for use by many threads.
 */
final class SharedBudget {
    private final long total;
    private final long perClient;
    private final Map<String, Long> taken = new HashMap<>();
    private long sum;

    SharedBudget(long total, long perClient) {
        this.total = total;
        this.perClient = perClient;
    }

    /** Takes some for a client; false where all of it or the client's part would be exceeded, and then takes none. */
    synchronized boolean take(String client, long amount) {
        if (!has(client, amount)) {
            return false;
        }
        taken.merge(client, amount, Long::sum);
        sum += amount;
        return true;
    }

    /** Whether a client could take some now. */
    synchronized boolean has(String client, long amount) {
        return taken.getOrDefault(client, 0L) + amount <= perClient && sum + amount <= total;
    }

    /** Gives back what a client has taken. */
    synchronized void give(String client, long amount) {
        taken.computeIfPresent(client, (name, own) -> own == amount ? null : own - amount);
        sum -= amount;
    }
}
