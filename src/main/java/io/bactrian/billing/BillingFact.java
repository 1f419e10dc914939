package io.bactrian.billing;

import io.bactrian.OutsideText;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of one of its objects, in terms that all providers have in common.
 *
 * <p>Facts come in any order and more than once; taking all of them in leaves the same state, whatever their order was.
 * Ids are the provider's. Amounts are in the smallest unit of their currency, such as cents.
 */
public sealed interface BillingFact {

    /**
     * Whose object it is: whatever the provider says of it. At least one part has to lead to an account.
     *
     * @param account what this service wrote into the object when it was made
     * @param checkout the id of this service's checkout, likewise
     * @param customer the provider's id of the customer
     * @param subscription the provider's id of the subscription
     */
    record Owner(
            @Nullable UUID account,
            @Nullable UUID checkout,
            @Nullable String customer,
            @Nullable String subscription) {}

    /** What became of a checkout. */
    enum CheckoutOutcome {
        PAID,
        /** It is complete, and its payment is still on its way. */
        PENDING,
        /** The payment was refused. */
        DECLINED,
        EXPIRED
    }

    /**
     * A checkout has ended.
     *
     * @param id the provider's id of its page
     * @param payment the payment of a package
     * @param amount what was paid
     */
    record CheckoutEnded(
            String id,
            Owner owner,
            CheckoutOutcome outcome,
            @Nullable String payment,
            long amount,
            Instant at) implements BillingFact {}

    /**
     * The state of a subscription at a time.
     *
     * @param price the provider's id of what is subscribed to
     * @param plan the plan that this service wrote into the subscription when it was made; only counts where the price is unknown
     * @param started when the subscription began
     * @param paymentMethod for people, such as {@code card_ending_4242}
     * @param at when this was its state, by the provider's clock; null for a state that was asked for just now
     */
    record SubscriptionState(
            String id,
            Owner owner,
            @Nullable String price,
            @Nullable String plan,
            int quantity,
            SubscriptionStatus status,
            @Nullable Instant periodStart,
            @Nullable Instant periodEnd,
            boolean cancelAtPeriodEnd,
            @Nullable String paymentMethod,
            Instant started,
            @Nullable Instant ended,
            @Nullable Instant at)
            implements BillingFact {
        public SubscriptionState {
            paymentMethod = OutsideText.line(paymentMethod);
        }
    }

    /** Why there is an invoice. */
    enum InvoiceReason {
        /** It is the first of a subscription. */
        FIRST,
        /** It is for the next period of a subscription. */
        RENEWAL,
        /** The subscription was changed within its period. */
        CHANGE,
        /** It is for a package. */
        PACKAGE
    }

    /**
     * The state of an invoice at a time.
     *
     * @param subscription the subscription that it is for, or null
     * @param price what it is for, where the provider says so
     * @param payment the payment that has paid it, where the provider says so
     * @param refunded how much of it was returned
     * @param periodStart what is paid for by it begins; where the provider does not say, when it was made
     * @param periodEnd where the provider does not say, the subscription's present period tells
     * @param documentUrl where people read it
     */
    record InvoiceState(
            String id,
            Owner owner,
            @Nullable String subscription,
            @Nullable String price,
            @Nullable String payment,
            String number,
            String description,
            InvoiceReason reason,
            InvoiceStatus status,
            long amount,
            long refunded,
            String currency,
            @Nullable Instant periodStart,
            @Nullable Instant periodEnd,
            Instant created,
            @Nullable Instant due,
            @Nullable Instant paid,
            @Nullable String documentUrl,
            Instant at)
            implements BillingFact {
        public InvoiceState {
            number = OutsideText.clean(number, OutsideText.LINE);
            description = OutsideText.clean(description, OutsideText.LINE);
            currency = OutsideText.clean(currency, OutsideText.LINE);
            documentUrl = OutsideText.line(documentUrl);
        }
    }

    /** A payment belongs to an invoice. */
    record InvoicePaid(String invoice, String payment, long amount, Instant at) implements BillingFact {}

    /**
     * Some of a payment was returned.
     *
     * @param refunded all that was returned of it until then
     */
    record Refunded(String payment, long amount, long refunded, Instant at) implements BillingFact {}

    /** What became of a dispute over a payment. */
    enum DisputeOutcome {
        OPEN,
        WON,
        LOST
    }

    /** The customer's bank disputes a payment, or has decided. */
    record Disputed(String payment, long amount, DisputeOutcome outcome, Instant at) implements BillingFact {}

    /** A payment of a subscription was refused; the provider says in the subscription's state what follows. */
    record PaymentFailed(String invoice, Owner owner, long amount, String currency, Instant at)
            implements BillingFact {}
}
