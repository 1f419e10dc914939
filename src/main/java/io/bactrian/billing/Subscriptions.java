package io.bactrian.billing;

import io.bactrian.InvalidInputException;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.billing.BillingFact.SubscriptionState;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The plans that accounts pay for, and what their owners do with them.
 *
 * <p>The provider is asked first, and what it answers is taken in; its events say the same later. A plan that an administrator
 * has set has no provider: it can be cancelled and resumed, and not changed.
 */
@Service
public class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final int MOST_QUESTIONS = 3;

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final BillingFacts facts;
    private final PaymentProviders providers;
    private final PlanPeriods periods;
    private final Accounts accounts;
    private final Plans plans;
    private final String publicUrl;

    Subscriptions(
            TransactionTemplate transactions,
            BillingRecords records,
            BillingFacts facts,
            PaymentProviders providers,
            PlanPeriods periods,
            Accounts accounts,
            Plans plans,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.transactions = transactions;
        this.records = records;
        this.facts = facts;
        this.providers = providers;
        this.periods = periods;
        this.accounts = accounts;
        this.plans = plans;
        this.publicUrl = publicUrl;
    }

    /** What a subscription is known by, outside of a transaction. */
    private record Known(
            UUID id, String providerId, @Nullable String customer, String plan, boolean cancelled, int version) {
        static Known of(Subscription subscription) {
            return new Known(
                    subscription.id,
                    subscription.providerId,
                    subscription.customerId,
                    subscription.planId,
                    subscription.cancelAtPeriodEnd,
                    subscription.version);
        }

        /** Asked twice for the same change of the same state, the provider makes it once. */
        String key(String change) {
            return change + "-" + id + "-" + version;
        }
    }

    /** The plan that an account pays for, or that an administrator has set; empty while it has the free one. */
    public Optional<PaidSubscription> find(Account account, PlanApi api) {
        return Objects.requireNonNull(transactions.execute(transaction -> {
            List<Subscription> open = open(account.id(), api);
            return entitled(open)
                    .map(PaidSubscription::of)
                    .or(() -> periods.find(account, api).map(period -> byAdministrator(period, api)))
                    .or(() -> open.stream().findFirst().map(PaidSubscription::of));
        }));
    }

    /** Every subscription that an account ever had, ended ones too. */
    public List<PaidSubscription> all(UUID accountId) {
        return Objects.requireNonNull(transactions.execute(transaction -> records.subscriptions(accountId).stream()
                .map(PaidSubscription::of)
                .toList()));
    }

    private static PaidSubscription byAdministrator(PlanPeriod period, PlanApi api) {
        return new PaidSubscription(
                period.id(),
                api,
                period.planId(),
                SubscriptionStatus.ACTIVE,
                period.periodStart(),
                period.periodEnd(),
                period.cancelAtPeriodEnd(),
                null);
    }

    private List<Subscription> open(UUID account, PlanApi api) {
        return records.subscriptions(account, api).stream()
                .filter(subscription -> subscription.status != SubscriptionStatus.INCOMPLETE)
                .toList();
    }

    private static Optional<Subscription> entitled(List<Subscription> open) {
        return open.stream()
                .filter(subscription -> subscription.status.entitled())
                .findFirst();
    }

    /** Empty where an administrator has set the plan. */
    private Optional<Known> known(Account account, PlanApi api) {
        return Objects.requireNonNull(transactions.execute(transaction -> {
            List<Subscription> open = open(account.id(), api).stream()
                    .filter(subscription -> subscription.sandbox == providers.sandbox())
                    .toList();
            Optional<Subscription> entitled = entitled(open);
            if (entitled.isPresent() || periods.find(account, api).isPresent()) {
                return entitled.map(Known::of);
            }
            return Optional.of(open.stream().findFirst().map(Known::of).orElseThrow(NoSubscriptionException::new));
        }));
    }

    /**
     * Moves an account to another plan that it pays for.
     *
     * @throws NoSubscriptionException if it pays for none
     * @throws InvalidInputException if the plan is none that can be moved to
     */
    public PaidSubscription change(UUID accountId, PlanApi api, String planId) {
        Account account = accounts.find(accountId);
        Optional<Known> known = known(account, api);
        if (!plans.offers(api, planId)) {
            TreeSet<String> offered = new TreeSet<>(
                    api == PlanApi.MAPSCRAPER
                            ? plans.mapscraper().keySet()
                            : plans.selextract().keySet());
            offered.remove(Plans.FREE);
            throw new InvalidInputException("plan_id", "must be one of " + String.join(", ", offered));
        }
        if (planId.equals(Plans.FREE)) {
            throw new InvalidInputException(
                    "plan_id",
                    "cannot be free: cancel with POST /billing/subscription/cancel, and the free plan follows");
        }
        if (known.isEmpty()) {
            throw new InvalidInputException(
                    "plan_id",
                    "cannot be changed, because an administrator has set your plan: ask your administrator, or buy a plan with POST"
                            + " /billing/create-checkout");
        }
        BigDecimal price = api == PlanApi.MAPSCRAPER
                ? plans.mapscraper(planId).price()
                : plans.selextract(planId).price();
        BillingInterval interval = api == PlanApi.MAPSCRAPER
                ? plans.mapscraper(planId).interval()
                : plans.selextract(planId).interval();
        if (!known.get().plan().equals(planId)) {
            ask(
                    api,
                    known.get(),
                    (provider, subscription) -> provider.changePlan(
                            subscription.providerId(),
                            planId,
                            price.movePointRight(2).longValueExact(),
                            interval,
                            subscription.key("change-to-" + planId)));
        }
        return present(account, api);
    }

    /**
     * Ends an account's plan with its period.
     *
     * @throws NoSubscriptionException if it has none but the free one
     */
    public PaidSubscription cancel(UUID accountId, PlanApi api) {
        return cancelled(accountId, api, true);
    }

    /** Takes a cancellation back before the period has ended; otherwise as {@link #cancel}. */
    public PaidSubscription resume(UUID accountId, PlanApi api) {
        return cancelled(accountId, api, false);
    }

    private PaidSubscription cancelled(UUID accountId, PlanApi api, boolean cancel) {
        Account account = accounts.find(accountId);
        Optional<Known> known = known(account, api);
        if (known.isEmpty()) {
            transactions.executeWithoutResult(transaction -> periods.cancelAtPeriodEnd(accountId, api, cancel));
        } else if (known.get().cancelled() != cancel) {
            ask(
                    api,
                    known.get(),
                    (provider, subscription) -> cancel
                            ? provider.cancel(subscription.providerId(), subscription.key("cancel"))
                            : provider.resume(subscription.providerId(), subscription.key("resume")));
        }
        return present(account, api);
    }

    private void ask(PlanApi api, Known known, BiFunction<PaymentProvider, Known, SubscriptionState> question) {
        Provider name = Provider.of(api);
        PaymentProvider provider = providers.get(name);
        SubscriptionState state = question.apply(provider, known);
        int version = known.version();
        // An event may have told of something newer meanwhile. The provider's events tell of this change too.
        for (int questions = 1; !taken(name, state, version) && questions < MOST_QUESTIONS; questions++) {
            version = version(known);
            // The sandbox knows what is stored here and no more: its answer is the newest that there is.
            state = provider.sandbox() ? state : provider.subscription(known.providerId());
        }
    }

    private boolean taken(Provider name, SubscriptionState state, int version) {
        try {
            return Objects.requireNonNull(
                    transactions.execute(transaction -> facts.takeAnswer(name, state, version, providers.sandbox())));
        } catch (ConcurrencyFailureException met) {
            LOG.debug("What {} has answered met an event", name, met);
            return false;
        }
    }

    private int version(Known known) {
        return Objects.requireNonNull(transactions.execute(transaction -> records.subscription(known.id())
                .map(subscription -> subscription.version)
                .orElse(known.version())));
    }

    private PaidSubscription present(Account account, PlanApi api) {
        return find(accounts.find(account.id()), api).orElseThrow(() -> new NoSubscriptionException());
    }

    /**
     * Where an account's owner changes the means of payment and reads invoices: a URL that works for a while.
     *
     * @throws NoSubscriptionException if it pays for no plan
     */
    public String portal(UUID accountId, PlanApi api) {
        Account account = accounts.find(accountId);
        Known known = known(account, api).orElseThrow(() -> new NoSubscriptionException());
        return providers.get(Provider.of(api)).portal(accountId, known.customer(), known.providerId(), publicUrl);
    }
}
