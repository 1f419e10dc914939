package io.bactrian.account;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An {@code msk_} key, MapScraper's, which its owner may read again at any time.
 *
 * @param key the whole key: a secret
 * @param lastUsedAt exact to a minute, or null when it was never used
 */
public record MapKey(
        long id,
        String name,
        String key,
        boolean active,
        Instant createdAt,
        @Nullable Instant lastUsedAt) {
    /** Leaves the secret out, so that it cannot end up in a log. */
    @Override
    public String toString() {
        return "MapKey[id=%d, name=%s]".formatted(id, name);
    }
}
