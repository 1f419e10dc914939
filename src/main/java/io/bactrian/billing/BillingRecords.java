package io.bactrian.billing;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Repository;

/**
 * What the room stores, by Hibernate: every query that is asked of it is one of the entities' named queries.
 *
 * <p>Entities live as long as the transaction that has read them, and stay in this room.
 */
@Repository
class BillingRecords {
    private final EntityManager entities;

    BillingRecords(EntityManager entities) {
        this.entities = entities;
    }

    void add(Object entity) {
        entities.persist(entity);
    }

    /** Adds it now, so that another of the same key fails here and not at the end of the transaction. */
    void addNow(Object entity) {
        entities.persist(entity);
        entities.flush();
    }

    /** Writes what was changed before what is asked for next. */
    void flush() {
        entities.flush();
    }

    Optional<Checkout> checkout(UUID id) {
        return Optional.ofNullable(entities.find(Checkout.class, id));
    }

    /** Waits until no other transaction has it. */
    Checkout lockedCheckout(UUID id) {
        return findLockedCheckout(id).orElseThrow(() -> new IllegalStateException("The checkout " + id + " is gone"));
    }

    /** The same, where it may be gone. */
    Optional<Checkout> findLockedCheckout(UUID id) {
        return Optional.ofNullable(entities.find(Checkout.class, id, LockModeType.PESSIMISTIC_WRITE));
    }

    Optional<Checkout> checkout(Provider provider, String id) {
        return one(Checkout.class, Checkout.BY_PROVIDER_ID, Map.of("provider", provider, "id", id));
    }

    /**
     * Whose checkout it is.
     *
     * @param own this service's id of it, or null
     * @param id the provider's, or null
     */
    Optional<UUID> accountOfCheckout(Provider provider, @Nullable UUID own, @Nullable String id) {
        return query(UUID.class, Checkout.ACCOUNT, Map.of("provider", provider))
                .setParameter("own", own)
                .setParameter("id", id)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    Optional<Checkout> openCheckout(
            UUID account, Provider provider, boolean sandbox, String item, String success, String cancel) {
        return one(
                Checkout.class,
                Checkout.OPEN_LIKE,
                Map.of(
                        "account", account,
                        "provider", provider,
                        "sandbox", sandbox,
                        "item", item,
                        "success", success,
                        "cancel", cancel));
    }

    void remove(Object entity) {
        entities.remove(entity);
    }

    Optional<UUID> accountOfSubscription(Provider provider, String id) {
        return one(UUID.class, Subscription.ACCOUNT, Map.of("provider", provider, "id", id));
    }

    Optional<Subscription> subscription(Provider provider, String id) {
        return one(Subscription.class, Subscription.BY_PROVIDER_ID, Map.of("provider", provider, "id", id));
    }

    Optional<Subscription> subscription(UUID id) {
        return Optional.ofNullable(entities.find(Subscription.class, id));
    }

    /** Those that have not ended, the newest first. */
    List<Subscription> subscriptions(UUID account, PlanApi api) {
        return all(Subscription.class, Subscription.OF_ACCOUNT, Map.of("account", account, "api", api));
    }

    List<Subscription> subscriptions(UUID account) {
        return all(Subscription.class, Subscription.ALL_OF_ACCOUNT, Map.of("account", account));
    }

    /** Those of a provider that have not ended, after one of them in the order of their ids. */
    List<Subscription> openSubscriptions(Provider provider, boolean sandbox, @Nullable UUID after, int most) {
        return query(Subscription.class, Subscription.OPEN, Map.of("provider", provider, "sandbox", sandbox))
                .setParameter("after", after)
                .setMaxResults(most)
                .getResultList();
    }

    /** The sandbox's whose period has ended. */
    List<Subscription> dueSubscriptions(Provider provider, Instant now, int most) {
        return query(Subscription.class, Subscription.DUE, Map.of("provider", provider, "now", now))
                .setMaxResults(most)
                .getResultList();
    }

    Optional<UUID> accountOfCustomer(Provider provider, String customer) {
        return one(UUID.class, Subscription.ACCOUNT_OF_CUSTOMER, Map.of("provider", provider, "customer", customer));
    }

    Optional<String> customerOf(UUID account, Provider provider, boolean sandbox) {
        return one(
                String.class,
                Subscription.CUSTOMER_OF_ACCOUNT,
                Map.of("account", account, "provider", provider, "sandbox", sandbox));
    }

    Optional<UUID> accountOfInvoice(Provider provider, String id) {
        return one(UUID.class, Invoice.ACCOUNT, Map.of("provider", provider, "id", id));
    }

    Optional<Invoice> invoice(Provider provider, String id) {
        return one(Invoice.class, Invoice.BY_PROVIDER_ID, Map.of("provider", provider, "id", id));
    }

    Optional<Invoice> invoice(UUID id) {
        return Optional.ofNullable(entities.find(Invoice.class, id));
    }

    /** The newest first. */
    List<Invoice> invoices(UUID account, PlanApi api, int most) {
        return query(Invoice.class, Invoice.OF_ACCOUNT, Map.of("account", account, "api", api))
                .setMaxResults(most)
                .getResultList();
    }

    List<Invoice> invoices(UUID account) {
        return all(Invoice.class, Invoice.ALL_OF_ACCOUNT, Map.of("account", account));
    }

    /** How many credits the invoices of a subscription have given for periods that share time with one. */
    long givenInPeriod(Provider provider, String subscription, Instant start, Instant end) {
        return query(
                        Long.class,
                        Invoice.GIVEN_IN_PERIOD,
                        Map.of("provider", provider, "subscription", subscription, "start", start, "end", end))
                .getSingleResult();
    }

    /** What was paid for a subscription's periods and for changes within them, the newest first. */
    List<Invoice> paidForPeriods(Provider provider, String subscription, int most) {
        return query(
                        Invoice.class,
                        Invoice.PAID_FOR_PERIODS,
                        Map.of("provider", provider, "subscription", subscription))
                .setMaxResults(most)
                .getResultList();
    }

    /** Whose payment it is, where that is known. */
    Optional<UUID> accountOfPayment(Provider provider, String id) {
        return query(UUID.class, Payment.ACCOUNT, Map.of("provider", provider, "id", id)).getResultList().stream()
                .filter(Objects::nonNull)
                .findFirst();
    }

    Optional<Payment> payment(Provider provider, String id) {
        return one(Payment.class, Payment.BY_PROVIDER_ID, Map.of("provider", provider, "id", id));
    }

    List<Payment> paymentsOf(Provider provider, String invoice) {
        return all(Payment.class, Payment.OF_INVOICE, Map.of("provider", provider, "invoice", invoice));
    }

    /** Those of which more was returned than the account had left. */
    List<Payment> paymentsWithMissing(int most) {
        return query(Payment.class, Payment.WITH_MISSING, Map.of())
                .setMaxResults(most)
                .getResultList();
    }

    Optional<ProviderEvent> event(Provider provider, String id) {
        return one(ProviderEvent.class, ProviderEvent.BY_PROVIDER_ID, Map.of("provider", provider, "id", id));
    }

    /** Waits until no other transaction has it. */
    Optional<ProviderEvent> lockedEvent(UUID id) {
        return Optional.ofNullable(entities.find(ProviderEvent.class, id, LockModeType.PESSIMISTIC_WRITE));
    }

    /** An event that waits, without its body. */
    record Waiting(UUID id, int attempts) {}

    /** The events that wait for one of these objects, those that came first before the others. */
    List<Waiting> waitingEvents(Provider provider, Collection<String> objects, int most) {
        return query(Object[].class, ProviderEvent.WAITING, Map.of("provider", provider, "objects", objects))
                .setMaxResults(most)
                .getResultList()
                .stream()
                .map(row -> new Waiting((UUID) row[0], (Integer) row[1]))
                .toList();
    }

    /** The newest first. */
    List<ProviderEvent> events(Collection<EventStatus> statuses, int first, int most) {
        return query(ProviderEvent.class, ProviderEvent.BY_STATUS, Map.of("statuses", statuses))
                .setFirstResult(first)
                .setMaxResults(most)
                .getResultList();
    }

    long countEvents(Collection<EventStatus> statuses) {
        return query(Long.class, ProviderEvent.COUNT, Map.of("statuses", statuses))
                .getSingleResult();
    }

    private <T> Optional<T> one(Class<T> type, String name, Map<String, ?> parameters) {
        return query(type, name, parameters).setMaxResults(1).getResultList().stream()
                .findFirst();
    }

    private <T> List<T> all(Class<T> type, String name, Map<String, ?> parameters) {
        return query(type, name, parameters).getResultList();
    }

    private <T> TypedQuery<T> query(Class<T> type, String name, Map<String, ?> parameters) {
        TypedQuery<T> query = entities.createNamedQuery(name, type);
        parameters.forEach(query::setParameter);
        return query;
    }
}
