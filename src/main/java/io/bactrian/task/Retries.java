package io.bactrian.task;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a page, or a step of a search, waits before its next attempt.
 *
 * @param firstDelay before the second attempt, where the site does not say
 * @param multiplier of the delay from one attempt to the next
 * @param maximumDelay the longest that the delay grows to
 * @param longestRetryAfter the longest wait that a site may ask for; a longer one is cut to it
 */
@ConfigurationProperties("bactrian.retries")
public record Retries(
        @DefaultValue("1s") Duration firstDelay,
        @DefaultValue("2") double multiplier,
        @DefaultValue("60s") Duration maximumDelay,
        @DefaultValue("10m") Duration longestRetryAfter) {

    /**
     * How long to wait before the next attempt.
     *
     * @param attempt the attempt that has failed, from 1
     * @param retryAfter what the site asked for, or null
     */
    public Duration after(int attempt, @Nullable Duration retryAfter, RandomGenerator random) {
        if (retryAfter != null) {
            return retryAfter.compareTo(longestRetryAfter) < 0 ? retryAfter : longestRetryAfter;
        }
        double exact = (double) firstDelay.toMillis() * Math.pow(multiplier, attempt - 1.0);
        double capped = Math.min(exact, (double) maximumDelay.toMillis());
        // Half of it is left to chance, so that pages which failed together do not come back together.
        return Duration.ofMillis((long) (capped / 2 + random.nextDouble() * capped / 2));
    }
}
