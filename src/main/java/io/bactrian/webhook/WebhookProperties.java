package io.bactrian.webhook;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.webhooks}: how often and how many at once.
 *
 * @param retryDelays from each failed attempt to the next; after the last there is none
 * @param perHost how many files are under way to one host at once, from this node
 * @param perAccount how many files of one account are under way at once, from this node
 * @param perEndpoint how many events are under way to one endpoint at once, over all nodes
 * @param disableAfter for how long all attempts to an endpoint must have failed before it is switched off
 */
@ConfigurationProperties("bactrian.webhooks")
record WebhookProperties(
        @DefaultValue({"5s", "30s", "2m", "10m", "1h", "3h", "6h", "12h"})
        List<Duration> retryDelays,

        @DefaultValue("2") int perHost,
        @DefaultValue("16") int perAccount,
        @DefaultValue("4") int perEndpoint,
        @DefaultValue("5d") Duration disableAfter) {
    /** How much longer than its delay a wait may be, so that what failed together does not come back together. */
    private static final double JITTER = 0.2;

    /**
     * How long to wait before the next attempt, or null when there is none.
     *
     * @param attempt the attempt that has failed, from 1
     * @param retryAfter what the receiver has asked for, or null; more than the longest delay is cut to that, less than the
     *     attempt's own delay does not count
     */
    @Nullable
    Duration after(int attempt, @Nullable Duration retryAfter, RandomGenerator random) {
        if (attempt > retryDelays.size()) {
            return null;
        }
        Duration delay = retryDelays.get(attempt - 1);
        if (retryAfter != null && retryAfter.compareTo(delay) > 0) {
            Duration longest = retryDelays.stream().max(Duration::compareTo).orElse(delay);
            delay = retryAfter.compareTo(longest) < 0 ? retryAfter : longest;
        }
        return delay.plusMillis((long) (delay.toMillis() * JITTER * random.nextDouble()));
    }
}
