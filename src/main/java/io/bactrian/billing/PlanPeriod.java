package io.bactrian.billing;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A plan that an account has beyond the free one, and the period that it is in.
 *
 * @param id unique, begins with {@code sub_}
 * @param cancelAtPeriodEnd whether an administrator's plan ends with the period
 * @param paidBy the subscription whose payments make the periods; null where an administrator has set the plan, or nothing is paid yet
 */
public record PlanPeriod(
        String id,
        String planId,
        Instant periodStart,
        Instant periodEnd,
        boolean cancelAtPeriodEnd,
        @Nullable UUID paidBy) {}
