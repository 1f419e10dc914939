package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.MapKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An {@code msk_} key as MapScraper's clients see it, in full. */
record MapKeyView(
        long id,
        String name,
        String key,
        @JsonProperty("is_active") int isActive,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("last_used_at") @Nullable Instant lastUsedAt) {

    static MapKeyView of(MapKey key) {
        return new MapKeyView(
                key.id(),
                key.name(),
                key.key(),
                key.active() ? 1 : 0,
                TaskView.millis(key.createdAt()),
                key.lastUsedAt() == null ? null : TaskView.millis(key.lastUsedAt()));
    }
}
