package io.bactrian.billing.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.net.Webhook;
import io.bactrian.billing.BillingEvents;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.PaymentProvider;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.SandboxBooks;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyEvents;
import io.bactrian.billing.sandbox.SandboxEvents.Change;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

/** One of the two companies, as the sandbox plays it: it tells of what it does by signed events, as the company would. */
final class SandboxProvider implements PaymentProvider {

    private final SandboxEvents words;
    private final String secret;
    private final String publicUrl;
    private final SandboxBooks books;
    /** By and by, because the events are taken in with the providers' help. */
    private final ObjectProvider<BillingEvents> events;

    private final SandboxPortalLinks portals;
    private final ObjectMapper json;
    private final Clock clock;

    SandboxProvider(
            SandboxEvents words,
            String secret,
            String publicUrl,
            SandboxBooks books,
            ObjectProvider<BillingEvents> events,
            SandboxPortalLinks portals,
            ObjectMapper json,
            Clock clock) {
        this.words = words;
        this.secret = secret;
        this.publicUrl = publicUrl.replaceAll("/+$", "");
        this.books = books;
        this.events = events;
        this.portals = portals;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public Provider provider() {
        return words.provider();
    }

    @Override
    public boolean sandbox() {
        return true;
    }

    @Override
    public HostedCheckout open(CheckoutRequest request) {
        String id = provider() == Provider.STRIPE
                ? "cs_test_" + request.id().toString().replace("-", "")
                : request.id().toString();
        return new HostedCheckout(id, publicUrl + "/sandbox/checkout/" + request.id(), request.expires());
    }

    private Instant now() {
        return clock.instant().truncatedTo(words.tick());
    }

    /** A time that the subscription's newest state does not have, so that nobody has to guess which one holds. */
    private Instant after(Instant changed) {
        Instant now = now();
        return now.isAfter(changed) ? now : changed.plus(1, words.tick());
    }

    /** Tells that a checkout's payment was refused. */
    void declined(Sale sale) {
        tell(words.declined(sale, now()));
    }

    /** Tells that a checkout was paid. */
    void paid(Sale sale) {
        Instant now = now();
        if (sale.kind() == CheckoutKind.PACKAGE) {
            tell(words.packagePaid(sale, now));
            return;
        }
        Standing standing = new Standing(
                sale.account(),
                provider(),
                words.newSubscription(),
                null,
                sale.item(),
                sale.title(),
                sale.amount(),
                sale.interval(),
                SubscriptionStatus.ACTIVE,
                now,
                now,
                SandboxBooks.next(now, now, sale.interval()),
                false,
                now);
        tell(words.subscribed(sale, standing, now));
    }

    /** Renews what is due, or ends it. */
    int renewDue() {
        List<Standing> due = books.due(provider());
        for (Standing standing : due) {
            if (standing.cancelled()) {
                change(standing, Change.ENDED, 0);
            } else {
                Instant start = standing.periodEnd();
                change(
                        with(
                                standing,
                                standing.plan(),
                                start,
                                SandboxBooks.next(standing.started(), start, standing.interval()),
                                false),
                        Change.RENEWED,
                        standing.amount());
            }
        }
        return due.size();
    }

    private Standing with(Standing standing, String plan, Instant start, Instant end, boolean cancelled) {
        return new Standing(
                standing.account(),
                standing.provider(),
                standing.providerId(),
                standing.customer(),
                plan,
                plan.equals(standing.plan())
                        ? standing.title()
                        : books.title(provider().api(), plan),
                standing.amount(),
                standing.interval(),
                standing.status(),
                standing.started(),
                start,
                end,
                cancelled,
                standing.changed());
    }

    private SubscriptionState change(Standing standing, Change change, long amount) {
        tell(words.changed(standing, change, amount, after(standing.changed())));
        return state(standing, change == Change.ENDED ? SubscriptionStatus.ENDED : SubscriptionStatus.ACTIVE);
    }

    private static SubscriptionState state(Standing standing, SubscriptionStatus status) {
        return new SubscriptionState(
                standing.providerId(),
                new Owner(standing.account(), null, standing.customer(), standing.providerId()),
                null,
                standing.plan(),
                1,
                status,
                standing.periodStart(),
                standing.periodEnd(),
                standing.cancelled(),
                "card_ending_4242",
                standing.started(),
                null,
                null);
    }

    private Standing standing(String id) {
        return books.standing(provider(), id)
                .orElseThrow(() -> new PaymentRefusedException("The sandbox has no such subscription.", false));
    }

    @Override
    public SubscriptionState subscription(String id) {
        Standing standing = standing(id);
        return state(standing, standing.status());
    }

    @Override
    public SubscriptionState changePlan(String id, String plan, long amount, BillingInterval interval, String key) {
        Standing before = standing(id);
        boolean whole = interval != before.interval();
        Instant start = whole ? now() : before.periodStart();
        Instant end = whole ? SandboxBooks.next(start, start, interval) : before.periodEnd();
        Standing now = with(before, plan, start, end, before.cancelled());
        return change(now, Change.PLAN, Math.max(0, amount - before.amount()));
    }

    @Override
    public SubscriptionState cancel(String id, String key) {
        Standing before = standing(id);
        return change(with(before, before.plan(), before.periodStart(), before.periodEnd(), true), Change.CANCELLED, 0);
    }

    @Override
    public SubscriptionState resume(String id, String key) {
        Standing before = standing(id);
        return change(with(before, before.plan(), before.periodStart(), before.periodEnd(), false), Change.RESUMED, 0);
    }

    @Override
    public void end(String id, String key) {
        books.standing(provider(), id).ifPresent(standing -> change(standing, Change.ENDED, 0));
    }

    @Override
    public String portal(UUID account, @Nullable String customer, @Nullable String subscription, String returnUrl) {
        return portals.url(account, provider());
    }

    @Override
    public void list(Instant since, Consumer<BillingFact> fact) {
        books.open(provider()).forEach(standing -> fact.accept(state(standing, standing.status())));
    }

    private void tell(List<Map<String, Object>> told) {
        books.together(() -> told.forEach(this::tell));
    }

    private void tell(Map<String, Object> event) {
        byte[] body;
        try {
            body = json.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An event of the sandbox cannot be written as JSON.", e);
        }
        String signature = signature(body);
        events.getObject().receive(provider(), body, header -> signature);
    }

    private String signature(byte[] body) {
        if (provider() == Provider.LEMONSQUEEZY) {
            return new String(LemonSqueezyEvents.signature(body, secret), StandardCharsets.US_ASCII);
        }
        long time = clock.instant().getEpochSecond();
        try {
            return "t=%d,v1=%s"
                    .formatted(
                            time,
                            Webhook.Util.computeHmacSha256(
                                    secret, time + "." + new String(body, StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HmacSHA256.", e);
        }
    }
}
