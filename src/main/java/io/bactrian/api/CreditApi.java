package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.billing.PaidSubscription;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.Plans;
import io.bactrian.billing.Purchases;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.billing.Subscriptions;
import io.bactrian.credit.Balance;
import io.bactrian.credit.CreditTransaction;
import io.bactrian.credit.Currency;
import io.bactrian.credit.History;
import io.bactrian.credit.Ledger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** MapScraper's operations on credits, and on what they are bought by. */
@Component
public class CreditApi {
    private final Accounts accounts;
    private final Plans plans;
    private final Purchases purchases;
    private final Subscriptions subscriptions;
    private final Ledger ledger;
    private final Clock clock;

    CreditApi(
            Accounts accounts,
            Plans plans,
            Purchases purchases,
            Subscriptions subscriptions,
            Ledger ledger,
            Clock clock) {
        this.accounts = accounts;
        this.plans = plans;
        this.purchases = purchases;
        this.subscriptions = subscriptions;
        this.ledger = ledger;
        this.clock = clock;
    }

    private record Credits(BalanceView balance, List<TransactionView> transactions) {}

    private record BalanceView(
            long available,
            long used,
            long total,
            String plan,
            @Nullable Instant lastRefill,
            @Nullable Instant nextRefill) {}

    private record TransactionView(
            long id,
            long amount,
            String type,
            String description,
            @JsonProperty("created_at") Instant createdAt) {}

    /** What the account has, and its latest transactions, newest first. */
    public Answer credits(ApiCall call) {
        Account account = accounts.find(call.accountId());
        Balance balance = ledger.balance(account.id(), Currency.CREDITS);
        History history =
                ledger.history(account.id(), Currency.CREDITS, call.parameters().integer("limit"));
        Instant nextRefill = subscriptions
                .find(account, PlanApi.MAPSCRAPER)
                .filter(subscription -> !subscription.cancelAtPeriodEnd()
                        && (subscription.status() == SubscriptionStatus.ACTIVE
                                || subscription.status() == SubscriptionStatus.TRIALING))
                .map(PaidSubscription::periodEnd)
                .orElse(null);
        return Answer.ok(new Credits(
                new BalanceView(
                        balance.available(),
                        balance.used(),
                        balance.total(),
                        account.mapscraperPlan(),
                        millis(history.lastRefill()),
                        millis(nextRefill)),
                history.transactions().stream().map(CreditApi::view).toList()));
    }

    private record Checkout(String sessionId, String checkoutUrl) {}

    /** Begins the purchase of a package of credits or of a plan. */
    public Answer buy(ApiCall call) {
        Purchases.Page page =
                purchases.buy(call.accountId(), call.object().path("packageId").asText());
        return Answer.ok(new Checkout(page.id(), page.url()));
    }

    private record Subscribed(@Nullable SubscriptionSummary subscription) {}

    private record SubscriptionSummary(
            String plan,
            String status,
            long creditsPerMonth,
            long creditsUsedThisMonth,
            @Nullable Instant renewalDate,
            long daysSinceRenewal,
            long daysUntilRenewal) {}

    /** The plan that the account pays for, and what it has used of it. */
    public Answer subscription(ApiCall call) {
        Account account = accounts.find(call.accountId());
        return Answer.ok(new Subscribed(subscriptions
                .find(account, PlanApi.MAPSCRAPER)
                .map(subscription -> summary(account, subscription))
                .orElse(null)));
    }

    private SubscriptionSummary summary(Account account, PaidSubscription subscription) {
        Instant now = clock.instant();
        Instant start = Objects.requireNonNullElse(subscription.periodStart(), now);
        Instant end = Objects.requireNonNullElse(subscription.periodEnd(), now);
        return new SubscriptionSummary(
                subscription.planId(),
                subscription.status().code(),
                plans.mapscraper(subscription.planId()).monthlyCredits(),
                ledger.usedSince(account.id(), Currency.CREDITS, subscription.monthBegan(now)),
                millis(subscription.periodEnd()),
                Math.max(0, Duration.between(start, now).toDays()),
                // A day that has begun counts, so that both numbers are the period's days together.
                Math.max(
                        0,
                        Math.ceilDiv(
                                Duration.between(now, end).toSeconds(),
                                Duration.ofDays(1).toSeconds())));
    }

    private record Cancelled(String status, @Nullable Instant effectiveDate, String message) {}

    /** Ends the plan that the account pays for with its period. */
    public Answer cancel(ApiCall call) {
        PaidSubscription subscription = subscriptions.cancel(call.accountId(), PlanApi.MAPSCRAPER);
        return Answer.ok(new Cancelled(
                "cancelled",
                millis(subscription.periodEnd()),
                "Your subscription will be cancelled at the end of the billing period."));
    }

    private static TransactionView view(CreditTransaction transaction) {
        return new TransactionView(
                transaction.number(),
                transaction.amount(),
                type(transaction),
                transaction.description(),
                TaskView.millis(transaction.at()));
    }

    private static String type(CreditTransaction transaction) {
        return switch (transaction.kind()) {
            case GRANT -> transaction.reference().equals(Ledger.SIGN_UP) ? "signup" : "grant";
            case REFILL -> "refill";
            case PURCHASE -> "purchase";
            case REFUND -> "refund";
            case EXPIRE -> "expire";
            case SETTLE -> "scrape";
            case RESERVE, RELEASE ->
                throw new IllegalArgumentException("What is set aside is no transaction: " + transaction.kind());
        };
    }

    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : TaskView.millis(time);
    }
}
