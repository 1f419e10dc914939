package io.bactrian.billing;

import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A bill for a package or for a period of a subscription. */
@Entity
@Table(name = "billing_invoice")
@NamedQuery(
        name = Invoice.ACCOUNT,
        query = "select accountId from Invoice where provider = :provider and providerId = :id")
@NamedQuery(name = Invoice.BY_PROVIDER_ID, query = "from Invoice where provider = :provider and providerId = :id")
@NamedQuery(
        name = Invoice.OF_ACCOUNT,
        query =
                "from Invoice where accountId = :account and api = :api and status <> DRAFT order by createdAt desc, id")
@NamedQuery(name = Invoice.ALL_OF_ACCOUNT, query = "from Invoice where accountId = :account order by createdAt, id")
@NamedQuery(
        name = Invoice.GIVEN_IN_PERIOD,
        query = "select coalesce(sum(units), 0) from Invoice where provider = :provider"
                + " and subscriptionId = :subscription and periodStart < :end and periodEnd > :start")
@NamedQuery(
        name = Invoice.PAID_FOR_PERIODS,
        query = "from Invoice where provider = :provider and subscriptionId = :subscription and periodStart is not null"
                + " and status in (PAID, PARTIALLY_REFUNDED, REFUNDED) order by periodStart desc, id")
class Invoice {
    static final String ACCOUNT = "Invoice.account";
    static final String BY_PROVIDER_ID = "Invoice.byProviderId";
    static final String OF_ACCOUNT = "Invoice.ofAccount";
    static final String ALL_OF_ACCOUNT = "Invoice.allOfAccount";
    static final String GIVEN_IN_PERIOD = "Invoice.givenInPeriod";
    static final String PAID_FOR_PERIODS = "Invoice.paidForPeriods";

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
    String subscriptionId;

    String number;
    String description;
    long amount;
    long refunded;
    String currency;

    @Enumerated(EnumType.STRING)
    InvoiceStatus status;

    /** Whether it is for a change within a period. */
    boolean changes;

    long units;

    @Nullable
    Instant periodStart;

    @Nullable
    Instant periodEnd;

    Instant createdAt;

    @Nullable
    Instant dueAt;

    @Nullable
    Instant paidAt;

    @Nullable
    String documentUrl;

    Instant changedAt;

    @Version
    int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Invoice() {}

    Invoice(UUID accountId, Provider provider, boolean sandbox, InvoiceState state) {
        this.id = UUID.randomUUID();
        this.accountId = accountId;
        this.provider = provider;
        this.sandbox = sandbox;
        this.api = provider.api();
        this.providerId = state.id();
        this.number = state.number();
        this.description = state.description();
        this.currency = state.currency();
        this.status = state.status();
        this.createdAt = state.created();
        this.changedAt = state.at();
        this.amount = state.amount();
        this.changes = state.reason() == InvoiceReason.CHANGE;
        take(state);
    }

    /**
     * Takes in a state, whether it is newer or older than what is stored: an invoice only ever goes on, from its draft to its
     * payment and its return.
     */
    final void take(InvoiceState state) {
        if (state.status().compareTo(status) > 0) {
            status = state.status();
        }
        if (!state.at().isBefore(changedAt)) {
            changedAt = state.at();
            number = state.number();
            amount = state.amount();
            description = state.description();
            dueAt = state.due() != null ? state.due() : dueAt;
            documentUrl = state.documentUrl() != null ? state.documentUrl() : documentUrl;
        }
        documentUrl = documentUrl != null ? documentUrl : state.documentUrl();
        paidAt = paidAt != null ? paidAt : state.paid();
        subscriptionId = subscriptionId != null ? subscriptionId : state.subscription();
        returned(state.refunded());
    }

    /** Takes note of how much was returned in all. */
    final void returned(long all) {
        if (all > refunded) {
            refunded = all;
        }
        if (refunded > 0 && status.compareTo(InvoiceStatus.REFUNDED) < 0 && status.paid()) {
            status = refunded >= amount ? InvoiceStatus.REFUNDED : InvoiceStatus.PARTIALLY_REFUNDED;
        }
    }
}
