package io.bactrian.limit;

import io.bactrian.BactrianException;
import java.time.Duration;

/** A caller has made more requests than it may: it has to wait. */
public final class RateLimitExceededException extends BactrianException {
    private final long retryAfterSeconds;

    /** @param retryAfter how long until one request will pass */
    public RateLimitExceededException(Duration retryAfter) {
        super("Rate limit exceeded");
        this.retryAfterSeconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    }

    /** Whole seconds after which one request will pass, 1 at least. */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
