package io.bactrian.billing;

import io.bactrian.InvalidInputException;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.billing.PaymentProvider.CheckoutRequest;
import io.bactrian.billing.PaymentProvider.HostedCheckout;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Begins purchases: each is a checkout, a page of the provider's on which its owner pays.
 *
 * <p>Whoever asks for the same again while the page is open is given that page, so that a second click buys nothing twice; a
 * click at the same moment, at whatever node, waits for the first one's page.
 *
 * <p>A checkout is stored before its provider is asked for the page, and its id is the key towards the provider. So whoever
 * clicks again after the provider has not answered, or after this process has died between the provider's answer and storing
 * it, asks once more with the same key and is given the same page where the provider knows keys; until then nothing shows that
 * checkout, and where that fails too, the next click begins another.
 * Lemon Squeezy knows none: there the first page is one of which nobody has the address. What the provider refuses is
 * forgotten.
 */
@Service
public class Purchases {
    private static final Logger LOG = LoggerFactory.getLogger(Purchases.class);

    /** How long a checkout's page is of use; less than its provider keeps it open, so that nobody is sent to one that is gone. */
    private static final Duration OPEN = Duration.ofMinutes(50);

    /** When its provider closes the page. Stripe wants half an hour from now, though it be asked at the end of {@link #OPEN}. */
    private static final Duration LIFE = Duration.ofMinutes(90);

    /** Whoever opens a page holds a connection to the database meanwhile: a provider that hangs must not take them all. */
    private static final int OPENING_AT_ONCE = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BEGINNINGS = 3;

    private final Semaphore opening = new Semaphore(OPENING_AT_ONCE);
    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final PaymentProviders providers;
    private final Accounts accounts;
    private final Plans plans;
    private final Clock clock;
    private final String successUrl;
    private final String cancelUrl;

    Purchases(
            TransactionTemplate transactions,
            BillingRecords records,
            PaymentProviders providers,
            Accounts accounts,
            Plans plans,
            Clock clock,
            BillingProperties properties,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.transactions = transactions;
        this.records = records;
        this.providers = providers;
        this.accounts = accounts;
        this.plans = plans;
        this.clock = clock;
        this.successUrl = properties.successUrl().isBlank() ? publicUrl : properties.successUrl();
        this.cancelUrl = properties.cancelUrl().isBlank() ? publicUrl : properties.cancelUrl();
    }

    /**
     * A page on which an account pays.
     *
     * @param id the provider's
     */
    public record Page(String id, String url) {}

    /** What a checkout is for. */
    private record Item(
            CheckoutKind kind, String id, String title, BigDecimal price, long units, BillingInterval interval) {}

    /**
     * Begins the purchase of a package of credits or of a plan of MapScraper.
     *
     * @param id the package's, or that of a plan
     * @throws InvalidInputException if there is nothing of that id to buy, or the account subscribes to a plan already
     * @throws PaymentProviderUnavailableException if the provider does not answer; the next call asks it for the same checkout
     * @throws PaymentRefusedException if the provider refuses
     */
    public Page buy(UUID accountId, String id) {
        Item item = mapscraperItem(id);
        return open(accountId, Provider.STRIPE, item, "packageId", successUrl, cancelUrl);
    }

    /**
     * Begins the purchase of a plan of Selextract; otherwise as {@link #buy}.
     *
     * @param success where the buyer comes back to after paying, or null for where the configuration says
     * @param cancel likewise, otherwise
     */
    public Page subscribe(UUID accountId, String planId, @Nullable String success, @Nullable String cancel) {
        Plan plan = plans.selextract().get(planId);
        if (plan == null || planId.equals(Plans.FREE)) {
            throw new InvalidInputException("plan_id", oneOf(plans.selextract().keySet()));
        }
        Item item = new Item(CheckoutKind.PLAN, planId, plan.name(), plan.price(), 0, plan.interval());
        return open(
                accountId,
                Provider.LEMONSQUEEZY,
                item,
                "plan_id",
                Objects.requireNonNullElse(success, successUrl),
                Objects.requireNonNullElse(cancel, cancelUrl));
    }

    private Item mapscraperItem(String id) {
        CreditPackage found = plans.packages().get(id);
        if (found != null) {
            return new Item(
                    CheckoutKind.PACKAGE, id, found.name(), found.price(), found.credits(), BillingInterval.MONTHLY);
        }
        MapscraperPlan plan = plans.mapscraper().get(id);
        if (plan == null || id.equals(Plans.FREE)) {
            Set<String> offered = new HashSet<>(plans.packages().keySet());
            offered.addAll(plans.mapscraper().keySet());
            throw new InvalidInputException("packageId", oneOf(offered));
        }
        return new Item(CheckoutKind.PLAN, id, plan.name(), plan.price(), 0, plan.interval());
    }

    private static String oneOf(Set<String> ids) {
        return ids.stream()
                .filter(id -> !id.equals(Plans.FREE))
                .sorted()
                .collect(Collectors.joining(", ", "must be one of ", ""));
    }

    private Page open(UUID accountId, Provider name, Item item, String field, String success, String cancel) {
        PaymentProvider provider = providers.get(name);
        Account account = accounts.find(accountId);
        for (int beginning = 0; beginning < MOST_BEGINNINGS; beginning++) {
            Begun begun;
            try {
                begun = begin(accountId, provider, item, field, success, cancel);
            } catch (ConcurrencyFailureException met) {
                LOG.debug("The page of an earlier click has expired at this moment", met);
                continue;
            }
            try {
                Optional<Page> page = page(begun.checkout(), account, provider, item);
                if (page.isPresent()) {
                    return page.get();
                }
            } catch (PaymentProviderUnavailableException away) {
                if (!begun.now()) {
                    // A provider may repeat its failure for as long as it knows the key.
                    forget(begun.checkout());
                }
                throw away;
            } catch (PaymentRefusedException refused) {
                forget(begun.checkout());
                if (begun.now()) {
                    throw refused;
                }
                // A key that is used again with another request is refused: the account may have another address by
                // now.
                LOG.info(
                        "{} does not go on with the checkout {}; another one is begun", name.title(), begun.checkout());
            }
        }
        throw new PaymentProviderUnavailableException(name);
    }

    /** The page of a checkout, made where there is none; empty where the checkout is not there any more. */
    private Optional<Page> page(UUID id, Account account, PaymentProvider provider, Item item) {
        if (!admit()) {
            throw new PaymentProviderUnavailableException(provider.provider());
        }
        try {
            return Objects.requireNonNull(transactions.execute(transaction ->
                    records.findLockedCheckout(id).map(checkout -> page(checkout, account, provider, item))));
        } finally {
            opening.release();
        }
    }

    private boolean admit() {
        try {
            return opening.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Page page(Checkout checkout, Account account, PaymentProvider provider, Item item) {
        if (checkout.url != null && checkout.providerId != null) {
            return new Page(checkout.providerId, checkout.url);
        }
        HostedCheckout page = provider.open(new CheckoutRequest(
                checkout.id,
                account.id(),
                account.email(),
                records.customerOf(account.id(), provider.provider(), provider.sandbox())
                        .orElse(null),
                item.kind(),
                item.id(),
                item.title(),
                checkout.amount,
                item.interval(),
                checkout.successUrl,
                checkout.cancelUrl,
                checkout.createdAt.plus(LIFE).truncatedTo(ChronoUnit.SECONDS)));
        checkout.providerId = page.id();
        checkout.url = page.url();
        return new Page(page.id(), page.url());
    }

    /** @param now whether no earlier click has begun it */
    private record Begun(UUID checkout, boolean now) {}

    private Begun begin(
            UUID accountId, PaymentProvider provider, Item item, String field, String success, String cancel) {
        try {
            return Objects.requireNonNull(transactions.execute(transaction -> {
                if (item.kind() == CheckoutKind.PLAN) {
                    refuseSecondPlan(accountId, provider, field);
                }
                Instant now = clock.instant();
                Checkout open = openLike(accountId, provider, item, success, cancel);
                if (open != null && open.expiresAt.isAfter(now)) {
                    return new Begun(open.id, false);
                }
                if (open != null) {
                    open.end(Checkout.Status.EXPIRED, now);
                    records.flush();
                }
                Checkout checkout = new Checkout(
                        accountId,
                        provider.provider(),
                        provider.sandbox(),
                        item.kind(),
                        item.id(),
                        item.price().movePointRight(2).longValueExact(),
                        item.units(),
                        success,
                        cancel,
                        now,
                        now.plus(OPEN));
                records.addNow(checkout);
                return new Begun(checkout.id, true);
            }));
        } catch (DataIntegrityViolationException twice) {
            return Objects.requireNonNull(transactions.execute(transaction -> {
                Checkout open = openLike(accountId, provider, item, success, cancel);
                if (open == null) {
                    throw twice;
                }
                return new Begun(open.id, false);
            }));
        }
    }

    private @Nullable Checkout openLike(
            UUID accountId, PaymentProvider provider, Item item, String success, String cancel) {
        return records.openCheckout(accountId, provider.provider(), provider.sandbox(), item.id(), success, cancel)
                .orElse(null);
    }

    private void refuseSecondPlan(UUID accountId, PaymentProvider provider, String field) {
        boolean subscribes = records
                .subscriptions(accountId, provider.provider().api())
                .stream()
                .anyMatch(subscription -> subscription.sandbox == provider.sandbox() && subscription.status.entitled());
        if (subscribes) {
            throw new InvalidInputException(
                    field,
                    provider.provider() == Provider.LEMONSQUEEZY
                            ? "cannot be bought beside the plan that you pay for already: change that with PUT /billing/subscription"
                            : "cannot be bought while you pay for another plan: change that one in the customer portal (POST /billing/portal?api=mapscraper), or buy this one when it has ended");
        }
    }

    /**
     * Nothing of a purchase stays that its provider has refused. One whose answer did not come stays for the next click: by the
     * same key the provider gives the page that it may have made.
     */
    private void forget(UUID id) {
        transactions.executeWithoutResult(transaction -> records.findLockedCheckout(id)
                .filter(checkout -> checkout.url == null)
                .ifPresent(records::remove));
    }
}
