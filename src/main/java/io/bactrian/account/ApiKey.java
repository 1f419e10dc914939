package io.bactrian.account;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An {@code sk_} key, Selextract's, without the secret.
 *
 * @param preview the first 16 characters and {@code ...}
 * @param lastUsedAt exact to a minute, or null when it was never used
 */
public record ApiKey(
        UUID id,
        String name,
        @Nullable String description,
        Environment environment,
        String preview,
        Permissions permissions,
        boolean active,
        Instant createdAt,
        @Nullable Instant lastUsedAt) {

    /** What a key is for. */
    public enum Environment {
        /** Real work. */
        PROD,
        /** Trying things out: at most 3 URLs a task, no compute units. */
        TEST
    }
}
