package io.bactrian.billing;

import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.DisputeOutcome;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Compares the providers' books with this service's: the subscriptions that have not ended, and what was paid, returned and
 * disputed lately.
 *
 * <p>Each difference is a sentence for the operator. The daily comparison writes them into the log, counts them in the gauge
 * {@code bactrian.billing.differences} and, where {@code bactrian.billing.operator-email} is set, sends them by e-mail. With
 * repair, what the provider says is taken in.
 */
@Service
public class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    /** Events come within days; what is older was compared before. */
    private static final Duration LOOK_BACK = Duration.ofDays(35);

    private static final String NOT_REPAIRED = "This could not be repaired: ";
    private static final int MOST_DIFFERENCES = 1000;
    private static final int AT_ONCE = 200;
    private static final int MOST_IN_A_MAIL = 50;

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final BillingFacts facts;
    private final BillingEvents events;
    private final PaymentProviders providers;
    private final BillingProperties properties;
    private final Mails mails;
    private final Clock clock;
    private final AtomicInteger found;

    Reconciliation(
            TransactionTemplate transactions,
            BillingRecords records,
            BillingFacts facts,
            BillingEvents events,
            PaymentProviders providers,
            BillingProperties properties,
            Mails mails,
            MeterRegistry meters,
            Clock clock) {
        this.transactions = transactions;
        this.records = records;
        this.facts = facts;
        this.events = events;
        this.providers = providers;
        this.properties = properties;
        this.mails = mails;
        this.clock = clock;
        this.found = meters.gauge("bactrian.billing.differences", new AtomicInteger());
    }

    /**
     * What was found.
     *
     * @param compared how many objects the providers have told of
     * @param differences one sentence for each, at most 1,000
     */
    public record Report(long compared, List<String> differences) {}

    /** Collects differences while a provider's list is read. */
    private final class Comparison {
        private final List<String> differences = new ArrayList<>();
        private final boolean repair;
        private long compared;

        private Comparison(boolean repair) {
            this.repair = repair;
        }

        void add(String sentence) {
            if (differences.size() < MOST_DIFFERENCES) {
                differences.add(sentence);
            }
        }

        void compare(PaymentProvider provider, BillingFact fact, Set<String> listed) {
            compared++;
            if (fact instanceof SubscriptionState state) {
                listed.add(state.id());
            }
            compare(provider, fact);
            if (fact instanceof InvoiceState invoice) {
                CheckoutEnded paid = transactions.execute(transaction -> notGiven(provider.provider(), invoice));
                if (paid != null) {
                    add("%s has the checkout %s as paid by the invoice %s; its credits are not given here."
                            .formatted(provider.provider().title(), paid.id(), invoice.id()));
                    repair(provider, paid);
                }
            }
        }

        private boolean compare(PaymentProvider provider, BillingFact fact) {
            String difference = transactions.execute(transaction -> difference(provider, fact));
            if (difference != null) {
                add(difference);
                repair(provider, fact);
            }
            return difference != null;
        }

        private @Nullable String difference(PaymentProvider provider, BillingFact fact) {
            return switch (fact) {
                case SubscriptionState state -> different(provider.provider(), state);
                case InvoiceState state -> different(provider.provider(), state);
                case Refunded refund -> different(provider.provider(), refund);
                case Disputed dispute -> different(provider.provider(), dispute);
                case CheckoutEnded ended -> null;
                case InvoicePaid paid -> null;
                case PaymentFailed failed -> null;
            };
        }

        private void repair(PaymentProvider provider, BillingFact fact) {
            if (!repair) {
                return;
            }
            try {
                if (fact instanceof InvoiceState invoice && invoice.subscription() != null) {
                    subscribe(provider, invoice.subscription());
                }
                take(provider, fact);
            } catch (OwnerUnknownException e) {
                add(NOT_REPAIRED + e.getMessage() + " Have the provider send its first event again.");
            } catch (UnknownPriceException | PaymentRefusedException e) {
                add(NOT_REPAIRED + e.getMessage());
            } catch (ConcurrencyFailureException | DataIntegrityViolationException busy) {
                LOG.debug("A repair has met a change of the same", busy);
                add(NOT_REPAIRED + "It was being changed at the same time. Compare again.");
            }
        }

        private void take(PaymentProvider provider, BillingFact fact) {
            transactions.executeWithoutResult(transaction -> facts.take(provider.provider(), fact, provider.sandbox()));
        }

        /** An invoice waits for its subscription, and of those that have ended the lists do not tell. */
        private void subscribe(PaymentProvider provider, String subscription) {
            boolean known = Boolean.TRUE.equals(transactions.execute(transaction ->
                    records.subscription(provider.provider(), subscription).isPresent()));
            if (!known) {
                take(provider, provider.subscription(subscription));
            }
        }

        /** What is stored as going on and was not listed has ended, was never there, or has begun since. */
        void notListed(PaymentProvider provider, Set<String> listed) {
            UUID last = null;
            List<Subscription> some;
            do {
                UUID after = last;
                some = Objects.requireNonNull(transactions.execute(transaction ->
                        records.openSubscriptions(provider.provider(), provider.sandbox(), after, AT_ONCE)));
                for (Subscription subscription : some) {
                    last = subscription.id;
                    if (!listed.contains(subscription.providerId)) {
                        ask(provider, subscription);
                    }
                }
            } while (some.size() == AT_ONCE);
        }

        private void ask(PaymentProvider provider, Subscription subscription) {
            try {
                compare(provider, provider.subscription(subscription.providerId));
            } catch (PaymentRefusedException unknown) {
                add(
                        "%s does not list the subscription %s of account %s, which is %s here, and refuses to tell of it: %s"
                                .formatted(
                                        provider.provider().title(),
                                        subscription.providerId,
                                        subscription.accountId,
                                        subscription.status.code(),
                                        unknown.getMessage()));
            }
        }
    }

    private @Nullable String different(Provider provider, SubscriptionState state) {
        Subscription stored = records.subscription(provider, state.id()).orElse(null);
        if (stored == null) {
            return state.status().entitled()
                    ? "%s has the subscription %s, which is not known here.".formatted(provider.title(), state.id())
                    : null;
        }
        if (stored.status == SubscriptionStatus.ENDED) {
            return state.status() == SubscriptionStatus.ENDED || state.cancelAtPeriodEnd()
                    ? null
                    : "%s goes on with the subscription %s of account %s, which has ended here. End it there."
                            .formatted(provider.title(), state.id(), stored.accountId);
        }
        List<String> values = differences(provider, stored, state);
        return values.isEmpty()
                ? null
                : "%s has the subscription %s of account %s with %s."
                        .formatted(provider.title(), state.id(), stored.accountId, String.join(", ", values));
    }

    private List<String> differences(Provider provider, Subscription stored, SubscriptionState state) {
        String plan = Optional.ofNullable(state.price())
                .flatMap(price -> properties.item(provider, price))
                .or(() -> Optional.ofNullable(state.plan()))
                .orElse(stored.planId);
        List<String> values = new ArrayList<>();
        differs(values, "plan", plan, stored.planId);
        differs(values, "status", state.status().code(), stored.status.code());
        differs(values, "quantity", state.quantity(), stored.quantity);
        differs(values, "cancellation", state.cancelAtPeriodEnd(), stored.cancelAtPeriodEnd);
        differs(values, "end of the period", state.periodEnd(), stored.periodEnd);
        differs(values, "payment method", state.paymentMethod(), stored.paymentMethod);
        return values;
    }

    /** What the provider does not say is no difference. */
    private static void differs(List<String> values, String name, @Nullable Object there, @Nullable Object here) {
        if (there != null && !there.equals(here)) {
            values.add("%s %s instead of %s".formatted(name, there, here == null ? "none" : here));
        }
    }

    /** The end of the package's checkout that a paid invoice stands for, where it is not known here. */
    private @Nullable CheckoutEnded notGiven(Provider provider, InvoiceState invoice) {
        UUID own = invoice.owner().checkout();
        if (own == null
                || invoice.reason() != InvoiceReason.PACKAGE
                || !invoice.status().paid()) {
            return null;
        }
        return records.checkout(own)
                .filter(checkout -> checkout.provider == provider
                        && checkout.kind == CheckoutKind.PACKAGE
                        && checkout.status != Checkout.Status.PAID)
                .map(checkout -> new CheckoutEnded(
                        Objects.requireNonNullElse(checkout.providerId, own.toString()),
                        invoice.owner(),
                        CheckoutOutcome.PAID,
                        invoice.payment(),
                        invoice.amount(),
                        Objects.requireNonNullElse(invoice.paid(), invoice.at())))
                .orElse(null);
    }

    private @Nullable String different(Provider provider, InvoiceState state) {
        if (!state.status().paid()) {
            return null;
        }
        Invoice stored = records.invoice(provider, state.id()).orElse(null);
        if (stored == null) {
            return "%s has the paid invoice %s, which is not known here.".formatted(provider.title(), state.id());
        }
        return same(provider, stored.status, state.status()) && stored.refunded >= state.refunded()
                ? null
                : "%s has the invoice %s as %s; here it is %s."
                        .formatted(provider.title(), state.id(), state.status().code(), stored.status.code());
    }

    private static boolean same(Provider provider, InvoiceStatus stored, InvoiceStatus listed) {
        return stored == listed || (listed == InvoiceStatus.PAID && stored.paid() && !provider.invoicesTellRefunds());
    }

    /** A payment that is not known here is another service's, or belongs to an invoice that is told of by itself. */
    private @Nullable String different(Provider provider, Refunded refund) {
        return records.payment(provider, refund.payment())
                .filter(payment -> payment.refunded < refund.refunded())
                .map(payment -> "%s has returned %d cents of the payment %s; here it is %d."
                        .formatted(provider.title(), refund.refunded(), refund.payment(), payment.refunded))
                .orElse(null);
    }

    /** A decision stands, so that an older dispute of the same payment is no difference. */
    private @Nullable String different(Provider provider, Disputed dispute) {
        return records.payment(provider, dispute.payment())
                .filter(payment -> payment.dispute == Payment.Dispute.NONE
                        || (payment.dispute == Payment.Dispute.OPEN && dispute.outcome() != DisputeOutcome.OPEN))
                .map(payment -> "%s has the dispute over the payment %s as %s; here it is %s."
                        .formatted(
                                provider.title(),
                                dispute.payment(),
                                dispute.outcome().name().toLowerCase(Locale.ROOT),
                                payment.dispute.name().toLowerCase(Locale.ROOT)))
                .orElse(null);
    }

    /**
     * Compares the books of every provider.
     *
     * @param repair whether what the providers say is taken in
     */
    public Report run(boolean repair) {
        Comparison comparison = new Comparison(repair);
        for (PaymentProvider provider : providers.all()) {
            Set<String> listed = new HashSet<>();
            try {
                provider.list(clock.instant().minus(LOOK_BACK), fact -> comparison.compare(provider, fact, listed));
                comparison.notListed(provider, listed);
            } catch (PaymentProviderUnavailableException e) {
                LOG.debug("The list of a provider could not be read", e);
                comparison.add(
                        provider.provider().title() + " could not be compared, because it does not answer just now.");
            } catch (PaymentRefusedException e) {
                comparison.add("%s could not be compared: %s"
                        .formatted(provider.provider().title(), e.getMessage()));
            }
        }
        ownDifferences(comparison);
        return new Report(comparison.compared, List.copyOf(comparison.differences));
    }

    private void ownDifferences(Comparison comparison) {
        long failed = events.count(Set.of(EventStatus.FAILED));
        if (failed > 0) {
            comparison.add("%d events of providers could not be applied: GET /admin/billing/events lists them."
                    .formatted(failed));
        }
        transactions.executeWithoutResult(transaction -> records.paymentsWithMissing(AT_ONCE)
                .forEach(payment -> comparison.add(
                        "Of the returned payment %s, account %s had spent %d credits already; they are missing."
                                .formatted(payment.providerId, payment.accountId, payment.missing))));
    }

    /** The daily comparison, which tells the operator what it has found. */
    public void daily() {
        Report report = run(false);
        found.set(report.differences().size());
        report.differences().forEach(sentence -> LOG.warn("Reconciliation: {}", sentence));
        if (report.differences().isEmpty() || properties.operatorEmail().isBlank()) {
            return;
        }
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add(
                "The books of the payment providers and those of this service differ. ./bactrian billing reconcile --repair takes"
                        + " in what the providers say.");
        report.differences().stream().limit(MOST_IN_A_MAIL).forEach(paragraphs::add);
        if (report.differences().size() > MOST_IN_A_MAIL) {
            paragraphs.add(
                    "And %d more, in the log.".formatted(report.differences().size() - MOST_IN_A_MAIL));
        }
        transactions.executeWithoutResult(transaction -> mails.sendToOperator(
                new Mail(properties.operatorEmail(), "Differences in the books", paragraphs, null)));
    }
}
