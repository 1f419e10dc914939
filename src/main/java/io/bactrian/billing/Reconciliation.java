package io.bactrian.billing;

import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Compares the providers' books with this service's: the subscriptions that have not ended, and what was paid lately.
 *
 * <p>Each difference is a sentence for the operator, in the log, in the gauge {@code bactrian.billing.differences} and, where
 * {@code bactrian.billing.operator-email} is set, in an e-mail. With repair, what the provider says is taken in.
 */
@Service
public class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    /** Events come within days; what is older was compared before. */
    private static final Duration LOOK_BACK = Duration.ofDays(35);

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
            String difference = transactions.execute(transaction -> difference(provider, fact));
            if (fact instanceof SubscriptionState state) {
                listed.add(state.id());
            }
            if (difference != null) {
                add(difference);
                repair(provider, fact);
            }
        }

        private @Nullable String difference(PaymentProvider provider, BillingFact fact) {
            return switch (fact) {
                case SubscriptionState state -> different(provider.provider(), state);
                case InvoiceState state -> different(provider.provider(), state);
                default -> null;
            };
        }

        private void repair(PaymentProvider provider, BillingFact fact) {
            if (!repair) {
                return;
            }
            try {
                transactions.executeWithoutResult(
                        transaction -> facts.take(provider.provider(), fact, provider.sandbox()));
            } catch (OwnerUnknownException | UnknownPriceException e) {
                add("This could not be repaired: " + e.getMessage());
            }
        }

        /** What is stored as going on and was not listed has ended, or was never there. */
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
                        add("%s does not list the subscription %s of account %s, which is %s here."
                                .formatted(
                                        provider.provider().title(),
                                        subscription.providerId,
                                        subscription.accountId,
                                        subscription.status.code()));
                        present(provider, subscription.providerId).ifPresent(state -> repair(provider, state));
                    }
                }
            } while (some.size() == AT_ONCE);
        }

        private Optional<BillingFact> present(PaymentProvider provider, String subscription) {
            try {
                return repair ? Optional.of(provider.subscription(subscription)) : Optional.empty();
            } catch (PaymentRefusedException unknown) {
                add("This could not be repaired: " + unknown.getMessage());
                return Optional.empty();
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
        String plan = state.price() == null
                ? stored.planId
                : properties.item(provider, state.price()).orElse(stored.planId);
        return stored.is(state, plan)
                ? null
                : "%s has the subscription %s of account %s as %s, plan %s, until %s; here it is %s, plan %s, until %s."
                        .formatted(
                                provider.title(),
                                state.id(),
                                stored.accountId,
                                state.status().code(),
                                plan,
                                state.periodEnd(),
                                stored.status.code(),
                                stored.planId,
                                stored.periodEnd);
    }

    private @Nullable String different(Provider provider, InvoiceState state) {
        if (!state.status().paid()) {
            return null;
        }
        Invoice stored = records.invoice(provider, state.id()).orElse(null);
        if (stored == null) {
            return "%s has the paid invoice %s, which is not known here.".formatted(provider.title(), state.id());
        }
        return stored.status == state.status() && stored.refunded >= state.refunded()
                ? null
                : "%s has the invoice %s as %s; here it is %s."
                        .formatted(provider.title(), state.id(), state.status().code(), stored.status.code());
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
                comparison.add(
                        provider.provider().title() + " could not be compared, because it does not answer just now.");
            }
        }
        ownDifferences(comparison);
        found.set(comparison.differences.size());
        comparison.differences.forEach(sentence -> LOG.warn("Reconciliation: {}", sentence));
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

    /** The daily comparison, which tells the operator by e-mail what it has found. */
    public void daily() {
        Report report = run(false);
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
