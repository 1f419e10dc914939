package io.bactrian.billing;

import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Takes in what providers say, each fact in the caller's transaction: the room's records, the account's plan and the ledger
 * change together or not at all.
 *
 * <p>The facts of one account wait for one another. They come in any order and more than once, and leave the same state:
 * a subscription is as its newest state says, and stays ended; an invoice only goes on; units of a period, and credits of a
 * payment, are given once; what was returned of a payment is the most that was said.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
class BillingFacts {
    private static final Logger LOG = LoggerFactory.getLogger(BillingFacts.class);
    private static final int MONTHS_OF_A_YEAR = 12;
    private static final int NEWEST_INVOICES = 24;
    private static final Duration SHORT_MONTH = Duration.ofDays(4);
    private static final Duration ROUNDING = Duration.ofDays(1);

    private final JdbcClient database;
    private final BillingRecords records;
    private final BillingProperties properties;
    private final Accounts accounts;
    private final Plans plans;
    private final PlanPeriods periods;
    private final Ledger ledger;
    private final BillingNews news;
    private final BillingErasure erasure;

    BillingFacts(
            JdbcClient database,
            BillingRecords records,
            BillingProperties properties,
            Accounts accounts,
            Plans plans,
            PlanPeriods periods,
            Ledger ledger,
            BillingNews news,
            BillingErasure erasure) {
        this.database = database;
        this.records = records;
        this.properties = properties;
        this.accounts = accounts;
        this.plans = plans;
        this.periods = periods;
        this.ledger = ledger;
        this.news = news;
        this.erasure = erasure;
    }

    /**
     * Takes a fact in.
     *
     * @param sandbox whether no money moves
     * @return what is known from now on, and other facts may wait for, as {@link OwnerUnknownException#awaited} has it
     * @throws OwnerUnknownException if it depends on something that is not known yet
     * @throws AmbiguousStateException if the provider has to be asked which of two states holds
     * @throws UnknownPriceException if it is about something that is no plan
     */
    List<String> take(Provider provider, BillingFact fact, boolean sandbox) {
        switch (fact) {
            case CheckoutEnded ended -> checkout(provider, ended, sandbox);
            case SubscriptionState state -> {
                return subscription(provider, state, sandbox);
            }
            case InvoiceState state -> {
                return invoice(provider, state, sandbox);
            }
            case InvoicePaid paid -> invoicePaid(provider, paid);
            case Refunded refund -> refunded(provider, refund);
            case Disputed dispute -> disputed(provider, dispute);
            case PaymentFailed failed -> paymentFailed(provider, failed);
        }
        return List.of();
    }

    /**
     * Takes the state in that the provider has told of when it was asked, unless the subscription has changed meanwhile: the
     * answer may be older than that change.
     *
     * @param version of the subscription before the question
     * @return whether it was taken
     */
    boolean takeAnswer(Provider provider, SubscriptionState told, int version, boolean sandbox) {
        UUID accountId = records.accountOfSubscription(provider, told.id())
                .orElseThrow(() -> new IllegalStateException(
                        "The subscription " + told.id() + " that was asked about is not there."));
        lock(accountId);
        boolean unchanged = records.subscription(provider, told.id())
                .filter(stored -> stored.version == version)
                .isPresent();
        if (unchanged) {
            subscription(provider, told, sandbox);
        }
        return unchanged;
    }

    private void checkout(Provider provider, CheckoutEnded ended, boolean sandbox) {
        Optional<UUID> owner = records.accountOfCheckout(provider, ended.owner().checkout(), ended.id());
        if (owner.isEmpty() && ended.outcome() != BillingFact.CheckoutOutcome.PAID) {
            // Its account was closed meanwhile, or another service uses the same provider; no money has come.
            return;
        }
        Optional<Account> account = lock(owner.orElseThrow(() -> noCheckout(ended)));
        Checkout checkout = checkoutOf(provider, ended)
                .filter(found -> found.sandbox == sandbox)
                .orElseThrow(() -> noCheckout(ended));
        switch (ended.outcome()) {
            case PAID -> {
                if (checkout.status != Checkout.Status.PAID) {
                    checkout.end(Checkout.Status.PAID, ended.at());
                    if (checkout.kind == CheckoutKind.PACKAGE) {
                        bought(provider, checkout, ended);
                        account.ifPresent(buyer ->
                                news.purchased(buyer, checkout.id, checkout.item, checkout.units, checkout.amount));
                    }
                }
            }
            case PENDING -> {}
            case DECLINED, EXPIRED -> {
                if (checkout.status == Checkout.Status.OPEN) {
                    checkout.end(
                            ended.outcome() == BillingFact.CheckoutOutcome.DECLINED
                                    ? Checkout.Status.DECLINED
                                    : Checkout.Status.EXPIRED,
                            ended.at());
                }
            }
        }
    }

    private static OwnerUnknownException noCheckout(CheckoutEnded ended) {
        return new OwnerUnknownException("This service has made no checkout " + ended.id() + ".", null);
    }

    private Optional<Checkout> checkoutOf(Provider provider, CheckoutEnded ended) {
        UUID own = ended.owner().checkout();
        Optional<Checkout> checkout = own == null ? Optional.empty() : records.checkout(own);
        return checkout.isPresent() ? checkout : records.checkout(provider, ended.id());
    }

    private void bought(Provider provider, Checkout checkout, CheckoutEnded ended) {
        Payment payment =
                payment(provider, Objects.requireNonNullElse(ended.payment(), "checkout:" + ended.id()), ended.at());
        payment.accountId = checkout.accountId;
        payment.units = checkout.units;
        payment.paid(ended.amount());
        ledger.purchase(
                checkout.accountId,
                Currency.CREDITS,
                checkout.units,
                "checkout:" + checkout.id,
                "Package " + plans.packageName(checkout.item));
        settle(payment);
    }

    private List<String> subscription(Provider provider, SubscriptionState state, boolean sandbox) {
        String customer = state.owner().customer();
        UUID accountId = owner(
                provider,
                state.owner(),
                state.id(),
                customer == null ? null : OwnerUnknownException.customer(customer));
        Optional<Account> account = lock(accountId);
        Subscription stored = records.subscription(provider, state.id()).orElse(null);
        String plan = plan(provider, state, stored);
        if (stored == null) {
            Subscription added = new Subscription(
                    accountId, provider, sandbox, state, plan, Objects.requireNonNullElse(state.at(), Instant.EPOCH));
            records.add(added);
            UUID own = state.owner().checkout();
            Optional<Checkout> checkout = own == null ? Optional.empty() : records.checkout(own);
            checkout.filter(bought -> bought.status == Checkout.Status.OPEN)
                    .ifPresent(bought -> bought.end(Checkout.Status.PAID, state.started()));
            changed(added, account);
            String known = OwnerUnknownException.subscription(state.id());
            return customer == null ? List.of(known) : List.of(known, OwnerUnknownException.customer(customer));
        }
        Instant at = state.at();
        if (stored.status == SubscriptionStatus.ENDED || stored.is(state, plan)) {
            stored.confirm(state);
            return List.of();
        }
        if (at != null && state.status() != SubscriptionStatus.ENDED) {
            if (at.isBefore(stored.changedAt)) {
                if (stored.takeOlderPeriod(state)) {
                    changed(stored, account);
                }
                return List.of();
            }
            if (at.equals(stored.changedAt)) {
                throw new AmbiguousStateException(state.id(), stored.version);
            }
        }
        stored.take(state, plan);
        changed(stored, account);
        return List.of();
    }

    private String plan(Provider provider, SubscriptionState state, @Nullable Subscription stored) {
        PlanApi api = provider.api();
        String price = state.price();
        Optional<String> plan = price == null ? Optional.empty() : properties.item(provider, price);
        if (plan.isEmpty() && price != null && state.plan() == null) {
            if (stored != null && !state.status().entitled()) {
                // What ends may have been a plan that is sold no longer.
                return stored.planId;
            }
            // Whoever moves to what is not sold here does not keep the plan that was.
            throw new UnknownPriceException(provider, price);
        }
        String named = plan.orElseGet(() -> state.plan() != null ? state.plan() : stored != null ? stored.planId : "");
        if (!plans.offers(api, named) && (stored == null || !named.equals(stored.planId))) {
            throw new UnknownPriceException(provider, Objects.requireNonNullElse(price, named));
        }
        return named;
    }

    /** The account has the plan of its newest subscription that entitles to one. */
    private void changed(Subscription subscription, Optional<Account> account) {
        if (account.isEmpty()) {
            if (subscription.status != SubscriptionStatus.ENDED) {
                erasure.endAtProvider(subscription);
            }
            return;
        }
        List<Subscription> open = records.subscriptions(subscription.accountId, subscription.api).stream()
                .filter(candidate -> candidate.status.entitled())
                .toList();
        // Another one that goes on keeps the running period, and what was used of it.
        if (!subscription.status.entitled() && open.isEmpty()) {
            periods.withdraw(subscription.accountId, subscription.api, subscription.id);
        }
        if (!open.isEmpty()) {
            Subscription newest = open.getFirst();
            periods.entitle(newest.accountId, newest.api, newest.id, newest.planId);
            if (newest.status == SubscriptionStatus.TRIALING
                    && newest.periodStart != null
                    && newest.periodEnd != null) {
                periods.paid(
                        newest.accountId,
                        newest.api,
                        newest.id,
                        newest.planId,
                        true,
                        newest.periodStart,
                        newest.periodEnd);
            }
            beginPaidPeriod(newest);
        }
        news.updated(subscription);
    }

    /**
     * Begins the period that was paid for last, where its payment came before what it depends on: the state in which the
     * subscription entitles to its plan, or the one that tells how long the period is.
     */
    private void beginPaidPeriod(Subscription subscription) {
        List<Invoice> paid = records.paidForPeriods(subscription.provider, subscription.providerId, NEWEST_INVOICES);
        for (int index = 0; index < paid.size(); index++) {
            Invoice invoice = paid.get(index);
            Instant start = invoice.periodStart;
            Instant end = start == null ? null : beginsUntil(invoice, start, subscription);
            if (start != null && end != null) {
                invoice.periodEnd = end;
                boolean first = invoice.changes
                        || paid.subList(index + 1, paid.size()).stream().allMatch(earlier -> earlier.changes);
                begin(subscription, first, start, end);
                return;
            }
        }
    }

    /** When the period ends that begins with an invoice; null for a change within a period that goes on. */
    private @Nullable Instant beginsUntil(Invoice invoice, Instant start, Subscription subscription) {
        if (!invoice.changes) {
            Instant end = invoice.periodEnd;
            Instant present = presentEnd(subscription);
            // After a short month, the calendar alone tells too early an end.
            boolean longer =
                    end != null && present != null && present.isAfter(end) && present.isBefore(end.plus(SHORT_MONTH));
            return longer ? present : end;
        }
        BillingInterval interval = interval(subscription.api, subscription.planId);
        return Stream.of(Optional.ofNullable(invoice.periodEnd), Optional.ofNullable(subscription.periodEnd))
                .flatMap(Optional::stream)
                .filter(end -> isWhole(start, end, interval))
                .findFirst()
                .orElse(null);
    }

    private void begin(Subscription subscription, boolean first, Instant start, Instant end) {
        if (subscription.periodStart == null || start.isAfter(subscription.periodStart)) {
            subscription.periodStart = start;
        }
        periods.paid(subscription.accountId, subscription.api, subscription.id, subscription.planId, first, start, end);
    }

    private List<String> invoice(Provider provider, InvoiceState state, boolean sandbox) {
        UUID accountId = owner(provider, state.owner(), state.subscription(), awaited(state.owner()));
        Optional<Account> account = lock(accountId);
        Invoice stored = records.invoice(provider, state.id()).orElse(null);
        boolean wasPaid = stored != null && stored.status.paid();
        String subscriptionId = state.subscription();
        Subscription subscription = subscriptionId == null
                ? null
                : records.subscription(provider, subscriptionId)
                        .orElseThrow(() -> new OwnerUnknownException(
                                "The subscription " + subscriptionId + " of the invoice is not known yet.",
                                OwnerUnknownException.subscription(subscriptionId)));
        Invoice invoice = stored;
        if (invoice == null) {
            invoice = new Invoice(accountId, provider, sandbox, state);
            records.add(invoice);
        } else {
            invoice.take(state);
        }
        if (state.payment() != null) {
            link(payment(provider, state.payment(), state.at()), invoice);
        }
        if (invoice.status.paid() && !wasPaid) {
            if (subscription != null && account.isPresent()) {
                give(invoice, state, subscription);
            }
            for (Payment payment : records.paymentsOf(provider, invoice.providerId)) {
                link(payment, invoice);
            }
        }
        return stored == null ? List.of(OwnerUnknownException.invoice(state.id())) : List.of();
    }

    /** Gives what a paid invoice is for. */
    private void give(Invoice invoice, InvoiceState state, Subscription subscription) {
        String plan = state.price() == null
                ? subscription.planId
                : properties.item(invoice.provider, state.price()).orElse(subscription.planId);
        BillingInterval interval = interval(subscription.api, plan);
        boolean change = state.reason() == InvoiceReason.CHANGE;
        Instant start = Objects.requireNonNullElse(state.periodStart(), invoice.createdAt);
        Instant end = end(state, subscription, start, interval);
        invoice.periodStart = start;
        invoice.periodEnd = end;
        if (subscription.status.entitled() && (!change || isWhole(start, end, interval))) {
            begin(subscription, state.reason() != InvoiceReason.RENEWAL, start, end);
        }
        if (subscription.api == PlanApi.MAPSCRAPER) {
            long monthly = plans.mapscraper(plan).monthlyCredits();
            long all = interval == BillingInterval.YEARLY ? monthly * MONTHS_OF_A_YEAR : monthly;
            // What was given for a time that is paid for again, because the interval changed, is not given again.
            long missing = all - records.givenInPeriod(invoice.provider, subscription.providerId, start, end);
            if (missing > 0) {
                invoice.units = missing;
                ledger.refill(
                        subscription.accountId,
                        Currency.CREDITS,
                        missing,
                        "invoice:" + invoice.id,
                        "Credits of the plan " + plan);
            }
        }
    }

    /**
     * Where the invoice does not say it, the subscription's present period may be the one that it is for. A change is within
     * that period, unless it has changed how often the plan is paid for.
     */
    private static Instant end(InvoiceState state, Subscription subscription, Instant start, BillingInterval interval) {
        if (state.periodEnd() != null && state.periodEnd().isAfter(start)) {
            return state.periodEnd();
        }
        Instant next = after(start, interval);
        Instant present = presentEnd(subscription);
        // A period ends a few days earlier or later where a month is short; what ends at another time is another one.
        boolean fits = present != null
                && present.isBefore(next.plus(SHORT_MONTH))
                && present.isAfter(state.reason() == InvoiceReason.CHANGE ? start : next.minus(SHORT_MONTH));
        if (fits && present != null) {
            return present;
        }
        return state.reason() == InvoiceReason.CHANGE ? start : next;
    }

    /** Null while a payment is overdue: the provider tells of its next attempt then. */
    private static @Nullable Instant presentEnd(Subscription subscription) {
        boolean overdue =
                subscription.status == SubscriptionStatus.PAST_DUE || subscription.status == SubscriptionStatus.UNPAID;
        return overdue ? null : subscription.periodEnd;
    }

    /** Whether a time is a whole interval, as far as providers round them. */
    private static boolean isWhole(Instant start, Instant end, BillingInterval interval) {
        return Duration.between(after(start, interval), end).abs().compareTo(ROUNDING) <= 0;
    }

    private static Instant after(Instant start, BillingInterval interval) {
        LocalDateTime from = LocalDateTime.ofInstant(start, ZoneOffset.UTC);
        return (interval == BillingInterval.YEARLY ? from.plusYears(1) : from.plusMonths(1)).toInstant(ZoneOffset.UTC);
    }

    private BillingInterval interval(PlanApi api, String plan) {
        return api == PlanApi.MAPSCRAPER
                ? plans.mapscraper(plan).interval()
                : plans.selextract(plan).interval();
    }

    private void invoicePaid(Provider provider, InvoicePaid paid) {
        // Whoever tells of the invoice at this moment would not see the payment, nor this the invoice: one waits.
        UUID accountId = records.accountOfInvoice(provider, paid.invoice())
                .orElseThrow(() -> new OwnerUnknownException(
                        "The invoice " + paid.invoice() + " of the payment is not known yet.",
                        OwnerUnknownException.invoice(paid.invoice())));
        lock(accountId);
        Payment payment = payment(provider, paid.payment(), paid.at());
        payment.paid(paid.amount());
        payment.invoiceId = paid.invoice();
        records.invoice(provider, paid.invoice()).ifPresent(invoice -> link(payment, invoice));
    }

    /** A payment that pays an invoice has given the invoice's credits; one of a package has its own. */
    private void link(Payment payment, Invoice invoice) {
        payment.invoiceId = invoice.providerId;
        payment.paid(invoice.status.paid() ? invoice.amount : 0);
        if (invoice.units > 0 && payment.units == 0) {
            payment.accountId = invoice.accountId;
            payment.units = invoice.units;
        }
        payment.returned(invoice.refunded);
        invoice.returned(payment.refunded);
        settle(payment);
    }

    private void refunded(Provider provider, Refunded refund) {
        records.accountOfPayment(provider, refund.payment()).ifPresent(this::lock);
        Payment payment = payment(provider, refund.payment(), refund.at());
        payment.paid(refund.amount());
        payment.returned(refund.refunded());
        if (payment.invoiceId != null) {
            records.invoice(provider, payment.invoiceId).ifPresent(invoice -> invoice.returned(payment.refunded));
        }
        settle(payment);
    }

    private void disputed(Provider provider, Disputed dispute) {
        records.accountOfPayment(provider, dispute.payment()).ifPresent(this::lock);
        Payment payment = payment(provider, dispute.payment(), dispute.at());
        payment.paid(dispute.amount());
        payment.disputed(dispute.outcome());
        LOG.warn(
                "{}: the payment {} is disputed ({})",
                provider.title(),
                dispute.payment(),
                dispute.outcome().name().toLowerCase(Locale.ROOT));
        settle(payment);
    }

    private void paymentFailed(Provider provider, PaymentFailed failed) {
        UUID accountId = owner(provider, failed.owner(), failed.owner().subscription(), awaited(failed.owner()));
        lock(accountId).ifPresent(account -> news.paymentFailed(account, provider, failed));
    }

    /** Takes back what is to be back, or gives it again, as far as the account has it. */
    private void settle(Payment payment) {
        UUID account = payment.accountId;
        if (account == null || payment.units == 0) {
            return;
        }
        long due = payment.due();
        if (due > payment.taken) {
            payment.moves++;
            payment.taken += ledger.refundUpTo(
                    account,
                    Currency.CREDITS,
                    due - payment.taken,
                    "payment:" + payment.id + ":" + payment.moves,
                    "Returned payment");
        } else if (due < payment.taken) {
            payment.moves++;
            ledger.purchase(
                    account,
                    Currency.CREDITS,
                    payment.taken - due,
                    "payment:" + payment.id + ":" + payment.moves,
                    "Payment that stands after all");
            payment.taken = due;
        }
        payment.missing = due - payment.taken;
        if (payment.missing > 0) {
            LOG.warn(
                    "{}: of the payment {}, {} credits are to be taken back that account {} has spent already",
                    payment.provider.title(),
                    payment.providerId,
                    payment.missing,
                    account);
        }
    }

    /** Made where it is not there; two that make it at once wait for one another, and one is tried again. */
    private Payment payment(Provider provider, String id, Instant at) {
        return records.payment(provider, id).orElseGet(() -> {
            Payment added = new Payment(provider, id, at);
            records.addNow(added);
            return added;
        });
    }

    private static @Nullable String awaited(Owner owner) {
        if (owner.subscription() != null) {
            return OwnerUnknownException.subscription(owner.subscription());
        }
        return owner.customer() == null ? null : OwnerUnknownException.customer(owner.customer());
    }

    /** @param awaited what may make it known */
    private UUID owner(Provider provider, Owner owner, @Nullable String subscription, @Nullable String awaited) {
        return Optional.ofNullable(subscription)
                .flatMap(id -> records.accountOfSubscription(provider, id))
                .or(() -> records.accountOfCheckout(provider, owner.checkout(), null))
                .or(() -> Optional.ofNullable(owner.account()).filter(this::exists))
                .or(() -> Optional.ofNullable(owner.customer())
                        .flatMap(customer -> records.accountOfCustomer(provider, customer)))
                .orElseThrow(() -> new OwnerUnknownException(
                        "It names no account, checkout, customer or subscription that is known.", awaited));
    }

    private boolean exists(UUID account) {
        return database.sql("SELECT true FROM account WHERE id = ?")
                .param(account)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Until the transaction ends, nobody else takes in what is told of the account; empty where it is closed. */
    private Optional<Account> lock(UUID account) {
        return database.sql("SELECT is_active FROM account WHERE id = ? FOR NO KEY UPDATE")
                .param(account)
                .query(Boolean.class)
                .optional()
                .filter(active -> active)
                .map(active -> accounts.find(account));
    }
}
