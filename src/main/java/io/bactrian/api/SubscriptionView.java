package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Account;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.PaidSubscription;
import io.bactrian.billing.Plan;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.Plans;
import io.bactrian.billing.Subscriptions;
import io.bactrian.credit.Allowances;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** An account's plan and subscription, as Selextract shows them. */
@Component
final class SubscriptionView {
    static final String USD = "USD";

    private final Plans plans;
    private final Subscriptions subscriptions;
    private final Ledger ledger;
    private final Allowances allowances;

    SubscriptionView(Plans plans, Subscriptions subscriptions, Ledger ledger, Allowances allowances) {
        this.plans = plans;
        this.subscriptions = subscriptions;
        this.ledger = ledger;
        this.allowances = allowances;
    }

    record View(@Nullable SubscriptionPart subscription, PlanPart plan, Usage usage, Billing billing) {}

    record SubscriptionPart(
            String id,
            @JsonProperty("plan_id") String planId,
            String status,
            @JsonProperty("current_period_start") @Nullable Instant currentPeriodStart,
            @JsonProperty("current_period_end") @Nullable Instant currentPeriodEnd,
            @JsonProperty("cancel_at_period_end") boolean cancelAtPeriodEnd) {}

    /** @param monthlyCredits of a MapScraper plan only */
    record PlanPart(
            String id,
            String name,
            BigDecimal price,
            String currency,
            @JsonProperty("compute_units_limit") long computeUnitsLimit,

            @JsonProperty("monthly_credits") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long monthlyCredits,

            List<String> features) {}

    record Usage(
            @JsonProperty("compute_units_used") long computeUnitsUsed,
            @JsonProperty("compute_units_remaining") long computeUnitsRemaining,
            @JsonProperty("compute_units_limit") long computeUnitsLimit,
            @JsonProperty("usage_percentage") double usagePercentage) {}

    record Billing(
            @JsonProperty("next_billing_date") @Nullable Instant nextBillingDate,
            @JsonProperty("payment_method") @Nullable String paymentMethod) {}

    /** The account's plan of that API; the usage is always that of compute units. */
    View of(Account account, PlanApi api) {
        PaidSubscription subscription = subscriptions.find(account, api).orElse(null);
        return new View(
                subscription == null ? null : part(subscription),
                plan(account, api),
                usage(account),
                billing(subscription));
    }

    /** The subscription alone. */
    static SubscriptionPart part(PaidSubscription subscription) {
        return new SubscriptionPart(
                subscription.id(),
                subscription.planId(),
                subscription.status().code(),
                millis(subscription.periodStart()),
                millis(subscription.periodEnd()),
                subscription.cancelAtPeriodEnd());
    }

    private static Billing billing(@Nullable PaidSubscription subscription) {
        return subscription == null
                ? new Billing(null, null)
                : new Billing(
                        subscription.cancelAtPeriodEnd() ? null : millis(subscription.periodEnd()),
                        subscription.paymentMethod());
    }

    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : TaskView.millis(time);
    }

    private PlanPart plan(Account account, PlanApi api) {
        return switch (api) {
            case SELEXTRACT -> {
                Plan plan = plans.selextract(account.selextractPlan());
                yield new PlanPart(
                        account.selextractPlan(),
                        plan.name(),
                        plan.price(),
                        USD,
                        plan.computeUnitsLimit(),
                        null,
                        plan.features());
            }
            case MAPSCRAPER -> {
                MapscraperPlan plan = plans.mapscraper(account.mapscraperPlan());
                yield new PlanPart(
                        account.mapscraperPlan(),
                        plan.name(),
                        plan.price(),
                        USD,
                        0,
                        plan.monthlyCredits(),
                        plan.features());
            }
        };
    }

    private Usage usage(Account account) {
        long limit = plans.selextract(account.selextractPlan()).computeUnitsLimit();
        long used = allowances.usedInPeriod(account.id(), Currency.COMPUTE_UNITS);
        long remaining = ledger.balance(account.id(), Currency.COMPUTE_UNITS).available();
        double percentage = limit == 0 ? 0 : Math.round(used * 1000.0 / limit) / 10.0;
        return new Usage(used, remaining, limit, percentage);
    }
}
