package io.bactrian.billing;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plan beyond the free one, as it is now: paid for, or set by an administrator.
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

    /** When the month of this subscription began in which a moment lies; that moment's own month where nothing was paid yet. */
    public Instant monthBegan(Instant moment) {
        return periodStart == null || moment.isBefore(periodStart)
                ? Objects.requireNonNullElse(periodStart, moment)
                : Period.at(periodStart, moment).start();
    }

    static String publicId(Subscription subscription) {
        return "sub_" + subscription.id;
    }
}
