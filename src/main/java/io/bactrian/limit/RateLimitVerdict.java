package io.bactrian.limit;

import java.time.Duration;
import java.time.Instant;

/**
 * Whether a request may pass, and how much is left. Of several buckets it tells the one that has less left.
 *
 * @param limit requests in one period
 * @param remaining requests that could follow at once
 * @param full when {@code remaining} will be {@code limit} again if no request follows
 * @param retryAfter how long to wait before the next request; zero where none is needed
 */
public record RateLimitVerdict(boolean admitted, long limit, long remaining, Instant full, Duration retryAfter) {}
