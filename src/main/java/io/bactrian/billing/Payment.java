package io.bactrian.billing;

import io.bactrian.billing.BillingFact.DisputeOutcome;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.math.BigInteger;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A payment of credits, and how many of them its refunds and disputes have taken back.
 *
 * <p>What tells of it comes in any order, so each part may be known before the others.
 */
@Entity
@Table(name = "billing_payment")
@NamedQuery(
        name = Payment.ACCOUNT,
        query = "select accountId from Payment where provider = :provider and providerId = :id")
@NamedQuery(name = Payment.BY_PROVIDER_ID, query = "from Payment where provider = :provider and providerId = :id")
@NamedQuery(name = Payment.OF_INVOICE, query = "from Payment where provider = :provider and invoiceId = :invoice")
@NamedQuery(name = Payment.WITH_MISSING, query = "from Payment where missing > 0 order by createdAt, id")
class Payment {
    static final String ACCOUNT = "Payment.account";
    static final String BY_PROVIDER_ID = "Payment.byProviderId";
    static final String OF_INVOICE = "Payment.ofInvoice";
    static final String WITH_MISSING = "Payment.withMissing";

    /** Whether the customer's bank has disputed it. */
    enum Dispute {
        NONE,
        OPEN,
        WON,
        LOST
    }

    @Id
    UUID id;

    @Enumerated(EnumType.STRING)
    Provider provider;

    String providerId;

    @Nullable
    UUID accountId;

    @Nullable
    String invoiceId;

    long amount;
    long units;
    long refunded;

    @Enumerated(EnumType.STRING)
    Dispute dispute = Dispute.NONE;

    long taken;
    long missing;
    int moves;
    Instant createdAt;

    @Version
    int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Payment() {}

    Payment(Provider provider, String providerId, Instant createdAt) {
        this.id = UUID.randomUUID();
        this.provider = provider;
        this.providerId = providerId;
        this.createdAt = createdAt;
    }

    void paid(long cents) {
        amount = Math.max(amount, cents);
    }

    /** Takes note of how much was returned in all. */
    void returned(long all) {
        refunded = Math.max(refunded, all);
    }

    /** A decision stands, whatever comes after it. */
    void disputed(DisputeOutcome outcome) {
        if (dispute == Dispute.NONE || dispute == Dispute.OPEN) {
            dispute = Dispute.valueOf(outcome.name());
        }
    }

    /** How many credits are to be back, by what is known now. */
    long due() {
        if (dispute == Dispute.OPEN || dispute == Dispute.LOST || (refunded > 0 && refunded >= amount)) {
            return units;
        }
        return amount == 0
                ? 0
                : BigInteger.valueOf(units)
                        .multiply(BigInteger.valueOf(refunded))
                        .divide(BigInteger.valueOf(amount))
                        .longValueExact();
    }
}
