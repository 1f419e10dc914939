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
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Begins purchases: each is a checkout, a page of the provider's on which its owner pays.
 *
 * <p>Whoever asks for the same again while the page is open is given that page, so that a second click buys nothing twice.
 */
@Service
public class Purchases {
    /** How long a checkout's page is of use; less than its provider keeps it open, so that nobody is sent to one that is gone. */
    private static final Duration OPEN = Duration.ofMinutes(50);

    /** When its provider closes the page. Stripe wants half an hour from now, though it be asked at the end of {@link #OPEN}. */
    private static final Duration LIFE = Duration.ofMinutes(90);

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
        UUID id = begin(accountId, provider, item, field, success, cancel);
        try {
            return Objects.requireNonNull(transactions.execute(transaction -> {
                // Whoever clicks twice at once waits here for the first click's page.
                Checkout checkout = records.lockedCheckout(id);
                if (checkout.url == null || checkout.providerId == null) {
                    HostedCheckout page = provider.open(new CheckoutRequest(
                            id,
                            accountId,
                            account.email(),
                            records.customerOf(accountId, name, provider.sandbox())
                                    .orElse(null),
                            item.kind(),
                            item.id(),
                            item.title(),
                            checkout.amount,
                            item.interval(),
                            success,
                            cancel,
                            checkout.createdAt.plus(LIFE).truncatedTo(ChronoUnit.SECONDS)));
                    checkout.providerId = page.id();
                    checkout.url = page.url();
                    return new Page(page.id(), page.url());
                }
                return new Page(checkout.providerId, checkout.url);
            }));
        } catch (PaymentRefusedException e) {
            forget(id);
            throw e;
        }
    }

    private UUID begin(
            UUID accountId, PaymentProvider provider, Item item, String field, String success, String cancel) {
        try {
            return Objects.requireNonNull(transactions.execute(transaction -> {
                if (item.kind() == CheckoutKind.PLAN) {
                    refuseSecondPlan(accountId, provider, field);
                }
                Instant now = clock.instant();
                Checkout open = openLike(accountId, provider, item, success, cancel);
                if (open != null && open.expiresAt.isAfter(now)) {
                    return open.id;
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
                return checkout.id;
            }));
        } catch (DataIntegrityViolationException twice) {
            return Objects.requireNonNull(transactions.execute(transaction -> {
                Checkout open = openLike(accountId, provider, item, success, cancel);
                if (open == null) {
                    throw twice;
                }
                return open.id;
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
                            : "cannot be bought beside the plan that you pay for already: cancel that first");
        }
    }

    /**
     * Nothing of a purchase stays that its provider has refused. One whose answer did not come stays for the next click: by the
     * same key the provider gives the page that it may have made.
     */
    private void forget(UUID id) {
        transactions.executeWithoutResult(transaction ->
                records.checkout(id).filter(checkout -> checkout.url == null).ifPresent(records::remove));
    }
}
