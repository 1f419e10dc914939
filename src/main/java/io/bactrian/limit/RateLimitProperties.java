package io.bactrian.limit;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.rate-limit}.
 *
 * @param enabled whether calls are limited, and the limits told in headers
 * @param period the time in which an empty bucket becomes full again
 * @param limits requests a period by class; the documented ones where a class is not named
 */
@ConfigurationProperties("bactrian.rate-limit")
public record RateLimitProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1m") Duration period,
        @DefaultValue Map<RateLimitClass, Limit> limits) {
    private static final long MOST = 1_000_000;

    public RateLimitProperties {
        if (period.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "bactrian.rate-limit.period must be between 1s and 1d; it is %s.".formatted(period));
        }
        limits = Map.copyOf(limits);
        limits.forEach((name, limit) -> {
            String property = "bactrian.rate-limit.limits." + name.id();
            requireUsable(property + ".user", limit.user());
            requireUsable(property + ".key", limit.key());
            requireUsable(property + ".address", limit.address());
        });
    }

    /**
     * Requests of one class a period.
     *
     * @param user by one account; the documented number if null
     * @param key by one key; as many as by the account if null
     * @param address without a credential, by one address; as many as by the account if null
     */
    public record Limit(
            @Nullable Long user,
            @Nullable Long key,
            @Nullable Long address) {}

    long user(RateLimitClass name) {
        Limit limit = limits.get(name);
        return limit == null || limit.user() == null ? name.standard() : limit.user();
    }

    long key(RateLimitClass name) {
        Limit limit = limits.get(name);
        return limit == null || limit.key() == null ? user(name) : limit.key();
    }

    long address(RateLimitClass name) {
        Limit limit = limits.get(name);
        return limit == null || limit.address() == null ? user(name) : limit.address();
    }

    static void requireUsable(String property, @Nullable Long number) {
        if (number != null && (number < 1 || number > MOST)) {
            throw new IllegalArgumentException(
                    "%s must be between 1 and %d; it is %d. To switch limits off, set bactrian.rate-limit.enabled to false."
                            .formatted(property, MOST, number));
        }
    }
}
