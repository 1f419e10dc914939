package io.bactrian.task;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * This node's browsers, divided among the accounts that have pages for them. One account alone may have all; once another
 * has been refused, the next browser that is free goes to whoever holds the fewest, and among equals to whoever has waited
 * longest.
 *
 * <p>There are too few browsers to keep any free as {@link LaneShares} does with consumers. Safe for use by many threads.
 */
@Component
class BrowserPlaces {
    /** Who has not asked again for so long does not wait any more; lanes that wait look more often. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(5);

    private final int browsers;
    private final Clock clock;
    private final Map<UUID, Integer> held = new HashMap<>();
    private final Map<UUID, Instant> waiting = new LinkedHashMap<>();
    private int taken;

    BrowserPlaces(@Value("${bactrian.browser.browsers:2}") int browsers, Clock clock) {
        this.browsers = browsers;
        this.clock = clock;
    }

    /** Takes a browser for one step; false where the account has to wait. */
    synchronized boolean take(UUID account) {
        Instant now = clock.instant();
        waiting.values().removeIf(asked -> asked.plus(FORGOTTEN_AFTER).isBefore(now));
        if (taken + before(account) >= browsers) {
            waiting.put(account, now);
            return false;
        }
        waiting.remove(account);
        held.merge(account, 1, Integer::sum);
        taken++;
        return true;
    }

    /** How many accounts that wait come before this one. */
    private int before(UUID account) {
        int own = held(account);
        int before = 0;
        boolean passed = false;
        for (UUID other : waiting.keySet()) {
            if (other.equals(account)) {
                passed = true;
            } else if (held(other) < own || (held(other) == own && !passed)) {
                before++;
            }
        }
        return before;
    }

    private int held(UUID account) {
        return held.getOrDefault(account, 0);
    }

    /** Gives back what {@link #take} has given. */
    synchronized void leave(UUID account) {
        taken--;
        held.computeIfPresent(account, (key, count) -> count > 1 ? count - 1 : null);
    }
}
