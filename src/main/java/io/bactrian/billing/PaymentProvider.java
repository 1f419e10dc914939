package io.bactrian.billing;

import io.bactrian.billing.BillingFact.SubscriptionState;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A provider's API: what this service asks of it.
 *
 * <p>Every method that changes something may be called again with the same key, and changes it once where the provider has
 * such keys. Each throws {@link PaymentProviderUnavailableException} when the provider does not answer, and
 * {@link PaymentRefusedException} with the provider's words when it refuses.
 */
public interface PaymentProvider {

    Provider provider();

    /** Whether no money moves. */
    boolean sandbox();

    /**
     * A checkout to be made.
     *
     * @param id this service's; it is also the key
     * @param customer the provider's id of an account that has bought before, or null
     * @param item the id of the plan or package
     * @param title what people read
     * @param amount US cents
     * @param expires when its page is to close: the same time however often and late this is asked
     */
    record CheckoutRequest(
            UUID id,
            UUID account,
            String email,
            @Nullable String customer,
            CheckoutKind kind,
            String item,
            String title,
            long amount,
            BillingInterval interval,
            String successUrl,
            String cancelUrl,
            Instant expires) {}

    /**
     * A page on which somebody pays.
     *
     * @param id the provider's
     * @param url where it is
     * @param expires when it is of no use any more
     */
    record HostedCheckout(String id, String url, Instant expires) {}

    HostedCheckout open(CheckoutRequest request);

    /** The present state of a subscription. */
    SubscriptionState subscription(String id);

    /**
     * Moves a subscription to another plan, at once and with the provider's proration.
     *
     * @param plan the plan's id
     */
    SubscriptionState changePlan(String id, String plan, long amount, BillingInterval interval, String key);

    /** Ends a subscription with its period. */
    SubscriptionState cancel(String id, String key);

    /** Takes back a cancellation before the period has ended. */
    SubscriptionState resume(String id, String key);

    /** Ends a subscription at once, because its account is closed. One that has ended already is no error. */
    void end(String id, String key);

    /**
     * Where a customer changes the means of payment and reads invoices.
     *
     * @return a URL that works for a while, without signing in
     */
    String portal(UUID account, @Nullable String customer, @Nullable String subscription, String returnUrl);

    /**
     * Tells of every subscription that has not ended, and of what was paid, returned and disputed since a time, for the
     * comparison with what is stored.
     */
    void list(Instant since, Consumer<BillingFact> fact);
}
