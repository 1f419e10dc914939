package io.bactrian.billing;

import java.time.Instant;

/**
 * A plan that an account has beyond the free one, and the period that it is in.
 *
 * @param id unique, begins with {@code sub_}
 */
public record Subscription(String id, String planId, Instant periodStart, Instant periodEnd) {}
