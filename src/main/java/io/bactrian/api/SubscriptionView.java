package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Account;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.Plan;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.PlanPeriod;
import io.bactrian.billing.PlanPeriods;
import io.bactrian.billing.Plans;
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
    private static final String USD = "USD";

    private final Plans plans;
    private final PlanPeriods periods;
    private final Ledger ledger;
    private final Allowances allowances;

    SubscriptionView(Plans plans, PlanPeriods periods, Ledger ledger, Allowances allowances) {
        this.plans = plans;
        this.periods = periods;
        this.ledger = ledger;
        this.allowances = allowances;
    }

    record View(@Nullable SubscriptionPart subscription, PlanPart plan, Usage usage, Billing billing) {}

    record SubscriptionPart(
            String id,
            @JsonProperty("plan_id") String planId,
            String status,
            @JsonProperty("current_period_start") Instant currentPeriodStart,
            @JsonProperty("current_period_end") Instant currentPeriodEnd,
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
        PlanPeriod subscription = periods.find(account, api).orElse(null);
        SubscriptionPart part = subscription == null
                ? null
                : new SubscriptionPart(
                        subscription.id(),
                        subscription.planId(),
                        "active",
                        TaskView.millis(subscription.periodStart()),
                        TaskView.millis(subscription.periodEnd()),
                        false);
        return new View(
                part,
                plan(account, api),
                usage(account),
                new Billing(part == null ? null : part.currentPeriodEnd(), null));
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
