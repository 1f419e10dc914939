package io.bactrian.billing;

import io.bactrian.billing.BillingFact.SubscriptionState;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A plan that an account pays for again and again, as its provider knows it. */
@Entity
@Table(name = "billing_subscription")
@NamedQuery(
        name = Subscription.ACCOUNT,
        query = "select accountId from Subscription where provider = :provider and providerId = :id")
@NamedQuery(
        name = Subscription.BY_PROVIDER_ID,
        query = "from Subscription where provider = :provider and providerId = :id")
@NamedQuery(
        name = Subscription.OF_ACCOUNT,
        query = "from Subscription where accountId = :account and api = :api and status <> ENDED"
                + " order by startedAt desc, id")
@NamedQuery(
        name = Subscription.ACCOUNT_OF_CUSTOMER,
        query = "select accountId from Subscription where provider = :provider and customerId = :customer"
                + " order by startedAt desc")
@NamedQuery(
        name = Subscription.CUSTOMER_OF_ACCOUNT,
        query = "select customerId from Subscription where provider = :provider and sandbox = :sandbox"
                + " and accountId = :account and customerId is not null order by startedAt desc")
@NamedQuery(
        name = Subscription.ALL_OF_ACCOUNT,
        query = "from Subscription where accountId = :account order by startedAt, id")
@NamedQuery(
        name = Subscription.OPEN,
        query = "from Subscription where provider = :provider and sandbox = :sandbox and status <> ENDED"
                + " and (:after is null or id > :after) order by id")
@NamedQuery(
        name = Subscription.DUE,
        query = "from Subscription where provider = :provider and sandbox and status <> ENDED and periodEnd <= :now"
                + " order by periodEnd, id")
class Subscription {
    static final String ACCOUNT = "Subscription.account";
    static final String BY_PROVIDER_ID = "Subscription.byProviderId";
    static final String OF_ACCOUNT = "Subscription.ofAccount";
    static final String ACCOUNT_OF_CUSTOMER = "Subscription.accountOfCustomer";
    static final String CUSTOMER_OF_ACCOUNT = "Subscription.customerOfAccount";
    static final String ALL_OF_ACCOUNT = "Subscription.allOfAccount";
    static final String DUE = "Subscription.due";
    static final String OPEN = "Subscription.open";

    @Id
    UUID id;

    UUID accountId;

    @Enumerated(EnumType.STRING)
    Provider provider;

    boolean sandbox;

    @Enumerated(EnumType.STRING)
    PlanApi api;

    String providerId;

    @Nullable
    String customerId;

    String planId;
    int quantity;

    @Enumerated(EnumType.STRING)
    SubscriptionStatus status;

    @Nullable
    Instant periodStart;

    @Nullable
    Instant periodEnd;

    /** The provider's time of the newest state that told of a period. */
    @Nullable
    Instant periodAt;

    boolean cancelAtPeriodEnd;

    @Nullable
    String paymentMethod;

    Instant startedAt;

    @Nullable
    Instant endedAt;

    Instant changedAt;

    @Version
    int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Subscription() {}

    Subscription(
            UUID accountId, Provider provider, boolean sandbox, SubscriptionState state, String planId, Instant at) {
        this.id = UUID.randomUUID();
        this.accountId = accountId;
        this.provider = provider;
        this.sandbox = sandbox;
        this.api = provider.api();
        this.providerId = state.id();
        this.planId = planId;
        this.status = state.status();
        this.startedAt = state.started();
        this.changedAt = at;
        take(state, planId);
    }

    /** Whether a state says the same. */
    boolean is(SubscriptionState state, String plan) {
        return planId.equals(plan)
                && quantity == state.quantity()
                && status == state.status()
                && cancelAtPeriodEnd == state.cancelAtPeriodEnd()
                && (state.periodEnd() == null || state.periodEnd().equals(periodEnd))
                && (state.paymentMethod() == null || Objects.equals(state.paymentMethod(), paymentMethod));
    }

    /** What the state does not say stays as it was. */
    final void take(SubscriptionState state, String plan) {
        planId = plan;
        quantity = state.quantity();
        status = state.status();
        cancelAtPeriodEnd = state.cancelAtPeriodEnd();
        if (state.owner().customer() != null) {
            customerId = state.owner().customer();
        }
        takePeriod(state, Objects.requireNonNullElse(state.at(), changedAt));
        if (state.paymentMethod() != null) {
            paymentMethod = state.paymentMethod();
        }
        endedAt = status == SubscriptionStatus.ENDED ? Objects.requireNonNullElse(state.ended(), changedAt) : null;
        knownUntil(state.at());
    }

    private void takePeriod(SubscriptionState state, Instant at) {
        if (state.periodStart() != null) {
            periodStart = state.periodStart();
        }
        if (state.periodEnd() != null) {
            periodEnd = state.periodEnd();
            periodAt = periodAt == null || at.isAfter(periodAt) ? at : periodAt;
        }
    }

    /**
     * Takes the period of a state that is older than the newest one, where no state after it has told of a period.
     *
     * @return whether it has taken one
     */
    final boolean takeOlderPeriod(SubscriptionState state) {
        Instant at = state.at();
        if (at == null || state.periodEnd() == null || (periodAt != null && !at.isAfter(periodAt))) {
            return false;
        }
        takePeriod(state, at);
        return true;
    }

    /** Takes note that a state that says the same was told of too. */
    final void confirm(SubscriptionState state) {
        if (state.at() != null && state.periodEnd() != null && state.periodEnd().equals(periodEnd)) {
            takePeriod(state, state.at());
        }
        knownUntil(state.at());
    }

    private void knownUntil(@Nullable Instant at) {
        if (at != null && at.isAfter(changedAt)) {
            changedAt = at;
        }
    }
}
