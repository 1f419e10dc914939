package io.bactrian.billing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A plan that an account pays for, as it is now.
 *
 * @param id unique, begins with {@code sub_}
 * @param paymentMethod for people, such as {@code card_ending_4242}
 */
public record PaidSubscription(
        String id,
        PlanApi api,
        String planId,
        SubscriptionStatus status,
        @Nullable Instant periodStart,
        @Nullable Instant periodEnd,
        boolean cancelAtPeriodEnd,
        @Nullable String paymentMethod) {

    static PaidSubscription of(Subscription subscription) {
        return new PaidSubscription(
                publicId(subscription),
                subscription.api,
                subscription.planId,
                subscription.status,
                subscription.periodStart,
                subscription.periodEnd,
                subscription.cancelAtPeriodEnd,
                subscription.paymentMethod);
    }

    static String publicId(Subscription subscription) {
        return "sub_" + subscription.id;
    }
}
