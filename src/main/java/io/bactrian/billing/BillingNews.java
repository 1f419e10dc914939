package io.bactrian.billing;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Account;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells accounts what has become of their money: by the events of webhooks and the topic, and by e-mail. */
@Component
class BillingNews {
    private final Events events;
    private final Mails mails;

    BillingNews(Events events, Mails mails) {
        this.events = events;
        this.mails = mails;
    }

    private record Updated(
            @JsonProperty("userId") UUID account,
            @JsonProperty("subscriptionId") String subscription,
            String api,
            @JsonProperty("planId") String plan,
            String status,
            @JsonProperty("currentPeriodEnd") @Nullable Instant periodEnd,
            @JsonProperty("cancelAtPeriodEnd") boolean cancelAtPeriodEnd) {}

    private record Purchased(
            @JsonProperty("userId") long account,
            @JsonProperty("packageId") String item,
            long credits,
            BigDecimal amount,
            String currency) {}

    /** A subscription is not as it was. */
    void updated(Subscription subscription) {
        events.publish(new Event(
                subscription.accountId,
                EventType.SUBSCRIPTION_UPDATED,
                PaidSubscription.publicId(subscription),
                subscription.status.code(),
                new Updated(
                        subscription.accountId,
                        PaidSubscription.publicId(subscription),
                        subscription.api.column(),
                        subscription.planId,
                        subscription.status.code(),
                        subscription.periodEnd == null ? null : subscription.periodEnd.truncatedTo(ChronoUnit.MILLIS),
                        subscription.cancelAtPeriodEnd),
                null));
    }

    /** A package is paid for, and its credits are there. */
    void purchased(Account account, UUID checkout, String item, long credits, long cents) {
        events.publish(new Event(
                account.id(),
                EventType.CREDITS_PURCHASED,
                checkout.toString(),
                "purchased",
                new Purchased(account.number(), item, credits, BigDecimal.valueOf(cents, 2), "USD"),
                null));
    }

    /** The provider could not take the money for a plan. */
    void paymentFailed(Account account, Provider provider, PaymentFailed failed) {
        mails.send(
                account.id(),
                new Mail(
                        account.email(),
                        "A payment has failed",
                        List.of(
                                "%s could not take %s %s for your plan."
                                        .formatted(
                                                provider.title(),
                                                BigDecimal.valueOf(failed.amount(), 2),
                                                failed.currency()),
                                "It will be tried again within a few days. Please look whether your means of payment is still valid, in the customer portal that POST /billing/portal?api=%s leads to; if the payment keeps failing, your account goes on with the free plan."
                                        .formatted(provider.api().column())),
                        null));
    }
}
