package io.bactrian.billing;

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

/** Something that an account is about to buy, from the click to the end of the provider's page. */
@Entity
@Table(name = "billing_checkout")
@NamedQuery(
        name = Checkout.OPEN_LIKE,
        query =
                "from Checkout where accountId = :account and provider = :provider and sandbox = :sandbox and item = :item"
                        + " and successUrl = :success and cancelUrl = :cancel and status = OPEN")
@NamedQuery(
        name = Checkout.ACCOUNT,
        query = "select accountId from Checkout where provider = :provider and (id = :own or providerId = :id)")
@NamedQuery(name = Checkout.BY_PROVIDER_ID, query = "from Checkout where provider = :provider and providerId = :id")
class Checkout {
    static final String ACCOUNT = "Checkout.account";
    static final String OPEN_LIKE = "Checkout.openLike";
    static final String BY_PROVIDER_ID = "Checkout.byProviderId";

    /** Where a checkout stands. */
    enum Status {
        OPEN,
        PAID,
        DECLINED,
        CANCELLED,
        EXPIRED
    }

    @Id
    UUID id;

    UUID accountId;

    @Enumerated(EnumType.STRING)
    Provider provider;

    boolean sandbox;

    @Enumerated(EnumType.STRING)
    PlanApi api;

    @Enumerated(EnumType.STRING)
    CheckoutKind kind;

    String item;
    long amount;
    long units;
    String successUrl;
    String cancelUrl;

    @Enumerated(EnumType.STRING)
    Status status = Status.OPEN;

    @Nullable
    String providerId;

    @Nullable
    String url;

    Instant createdAt;
    Instant expiresAt;

    @Nullable
    Instant endedAt;

    @Version
    int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected Checkout() {}

    Checkout(
            UUID accountId,
            Provider provider,
            boolean sandbox,
            CheckoutKind kind,
            String item,
            long amount,
            long units,
            String successUrl,
            String cancelUrl,
            Instant createdAt,
            Instant expiresAt) {
        this.id = UUID.randomUUID();
        this.accountId = accountId;
        this.provider = provider;
        this.sandbox = sandbox;
        this.api = provider.api();
        this.kind = kind;
        this.item = item;
        this.amount = amount;
        this.units = units;
        this.successUrl = successUrl;
        this.cancelUrl = cancelUrl;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
    }

    void end(Status outcome, Instant at) {
        status = outcome;
        endedAt = at;
    }
}
