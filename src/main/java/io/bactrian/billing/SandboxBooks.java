package io.bactrian.billing;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** What the sandbox knows as a provider: what this service has stored of it anyway. */
@Component
public class SandboxBooks {
    private static final int AT_ONCE = 100;

    /** Invoices that a page shows. */
    private static final int ON_A_PAGE = 24;

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final Plans plans;
    private final Clock clock;

    SandboxBooks(TransactionTemplate transactions, BillingRecords records, Plans plans, Clock clock) {
        this.transactions = transactions;
        this.records = records;
        this.plans = plans;
        this.clock = clock;
    }

    /** What somebody chooses on a checkout's page. */
    public enum Outcome {
        PAY,
        DECLINE,
        CANCEL
    }

    /**
     * A checkout on the sandbox's page.
     *
     * @param title of what is bought, for people
     * @param amount US cents
     * @param interval of a plan
     * @param open whether it can still be paid
     */
    public record Sale(
            UUID id,
            UUID account,
            Provider provider,
            CheckoutKind kind,
            String item,
            String title,
            long amount,
            BillingInterval interval,
            @Nullable String providerId,
            String successUrl,
            String cancelUrl,
            boolean open) {}

    /**
     * A subscription that was bought in the sandbox.
     *
     * @param amount US cents for each interval
     * @param title of the plan, for people
     * @param changed the time of its newest state
     */
    public record Standing(
            UUID account,
            Provider provider,
            String providerId,
            @Nullable String customer,
            String plan,
            String title,
            long amount,
            BillingInterval interval,
            SubscriptionStatus status,
            Instant started,
            Instant periodStart,
            Instant periodEnd,
            boolean cancelled,
            Instant changed) {}

    /**
     * An invoice of the sandbox.
     *
     * @param amount US cents
     */
    public record Bill(
            UUID id,
            Provider provider,
            String number,
            String description,
            long amount,
            String status,
            Instant created) {}

    /** The checkout of that id, if it is one of the sandbox's. */
    public Optional<Sale> sale(UUID id) {
        return in(
                () -> records.checkout(id).filter(checkout -> checkout.sandbox).map(this::sale));
    }

    private Sale sale(Checkout checkout) {
        BillingInterval interval = BillingInterval.MONTHLY;
        String title = plans.packageName(checkout.item);
        if (checkout.kind == CheckoutKind.PLAN) {
            boolean mapscraper = checkout.api == PlanApi.MAPSCRAPER;
            interval = mapscraper
                    ? plans.mapscraper(checkout.item).interval()
                    : plans.selextract(checkout.item).interval();
            title = title(checkout.api, checkout.item);
        }
        return new Sale(
                checkout.id,
                checkout.accountId,
                checkout.provider,
                checkout.kind,
                checkout.item,
                title,
                checkout.amount,
                interval,
                checkout.providerId,
                checkout.successUrl,
                checkout.cancelUrl,
                checkout.status == Checkout.Status.OPEN
                        && checkout.endedAt == null
                        && checkout.expiresAt.isAfter(clock.instant()));
    }

    /**
     * Ends a checkout, once: whoever comes later changes nothing. A paid one is marked, and is paid for this service when the
     * provider's events say so.
     *
     * @param tell makes the provider's events; they are stored with the end or not at all
     * @return whether it was open
     */
    public boolean end(UUID id, Outcome outcome, Consumer<Sale> tell) {
        return in(() -> {
            Checkout checkout = records.lockedCheckout(id);
            Sale sale = sale(checkout);
            if (!sale.open()) {
                return false;
            }
            switch (outcome) {
                case PAY -> checkout.endedAt = clock.instant();
                case DECLINE -> checkout.end(Checkout.Status.DECLINED, clock.instant());
                case CANCEL -> checkout.end(Checkout.Status.CANCELLED, clock.instant());
            }
            tell.accept(sale);
            return true;
        });
    }

    /** Stores all that is told in one transaction. */
    public void together(Runnable tell) {
        transactions.executeWithoutResult(transaction -> tell.run());
    }

    /** The subscription of that id, if it is one of the sandbox's. */
    public Optional<Standing> standing(Provider provider, String id) {
        return in(() -> records.subscription(provider, id)
                .filter(subscription -> subscription.sandbox)
                .map(this::standing));
    }

    /** Some of the subscriptions whose period has ended; those to plans that are no longer offered stay as they are. */
    public List<Standing> due(Provider provider) {
        Instant now = clock.instant();
        return in(() -> records.dueSubscriptions(provider, now, AT_ONCE).stream()
                .filter(subscription -> plans.offers(subscription.api, subscription.planId))
                .map(this::standing)
                .toList());
    }

    /** An account's subscriptions that have not ended, the newest first. */
    public List<Standing> open(UUID account, Provider provider) {
        return in(() -> records.subscriptions(account, provider.api()).stream()
                .filter(subscription -> subscription.sandbox)
                .map(this::standing)
                .toList());
    }

    /** Subscriptions that have not ended. */
    public List<Standing> open(Provider provider) {
        return in(() -> records.openSubscriptions(provider, true, null, Integer.MAX_VALUE).stream()
                .map(this::standing)
                .toList());
    }

    private Standing standing(Subscription subscription) {
        Instant start = Objects.requireNonNullElse(subscription.periodStart, subscription.startedAt);
        return new Standing(
                subscription.accountId,
                subscription.provider,
                subscription.providerId,
                subscription.customerId,
                subscription.planId,
                title(subscription.api, subscription.planId),
                price(subscription.api, subscription.planId),
                interval(subscription.api, subscription.planId),
                subscription.status,
                subscription.startedAt,
                start,
                Objects.requireNonNullElseGet(
                        subscription.periodEnd,
                        () -> next(subscription.startedAt, start, interval(subscription.api, subscription.planId))),
                subscription.cancelAtPeriodEnd,
                subscription.changedAt);
    }

    /** What people call a plan. */
    public String title(PlanApi api, String plan) {
        return api == PlanApi.MAPSCRAPER
                ? plans.mapscraper(plan).name()
                : plans.selextract(plan).name();
    }

    /** What a plan costs for an interval, in US cents. */
    private long price(PlanApi api, String plan) {
        return (api == PlanApi.MAPSCRAPER
                        ? plans.mapscraper(plan).price()
                        : plans.selextract(plan).price())
                .movePointRight(2)
                .longValueExact();
    }

    private BillingInterval interval(PlanApi api, String plan) {
        return api == PlanApi.MAPSCRAPER
                ? plans.mapscraper(plan).interval()
                : plans.selextract(plan).interval();
    }

    /**
     * When a period ends that begins at a time, counted from the subscription's beginning; from the period's own, where a change
     * of the interval has moved it.
     */
    public static Instant next(Instant started, Instant from, BillingInterval interval) {
        Instant anchor = Period.at(started, from).start().equals(from) ? started : from;
        Instant end = Period.at(anchor, from).end();
        for (int month = 1; interval == BillingInterval.YEARLY && month < 12; month++) {
            end = Period.at(anchor, end).end();
        }
        return end;
    }

    /** The invoice of that id, if it is one of the sandbox's. */
    public Optional<Bill> bill(UUID id) {
        return in(() -> records.invoice(id).filter(invoice -> invoice.sandbox).map(SandboxBooks::bill));
    }

    /** An account's newest invoices, at most 24. */
    public List<Bill> bills(UUID account, Provider provider) {
        return in(() -> records.invoices(account, provider.api(), ON_A_PAGE).stream()
                .filter(invoice -> invoice.sandbox)
                .map(SandboxBooks::bill)
                .toList());
    }

    private static Bill bill(Invoice invoice) {
        return new Bill(
                invoice.id,
                invoice.provider,
                invoice.number,
                invoice.description,
                invoice.amount,
                invoice.status.code(),
                invoice.createdAt);
    }

    private <T> T in(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(transaction -> work.get()));
    }
}
