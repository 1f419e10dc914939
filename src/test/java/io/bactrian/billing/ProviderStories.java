package io.bactrian.billing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What Stripe and Lemon Squeezy tell of customers over some months, and what has to come of it.
 *
 * <p>The stories are made in the order of time, by a model that knows nothing of the service: each customer buys packages, has
 * some of them paid back or disputes them, and has plans at both companies that are renewed, fail, recover, change, are
 * cancelled, resumed and end. Objects have the form that the companies publish.
 */
public final class ProviderStories {
    /** Looks like a card; whatever has it must not be in any log. */
    public static final String CARD = "4242 4242 4242 4242";

    /** Opens a customer's portal. */
    public static final String PORTAL_TOKEN = "portal-token-of-a-customer";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STARTER_CENTS = 2900;
    private static final int STARTER_CREDITS = 1000;

    private final Random random;
    private final Instant now;
    private final long welcome;
    private final boolean ambiguous;
    private final List<Told> events = new ArrayList<>();
    private final List<Sale> sales = new ArrayList<>();
    private final Map<String, String> present = new LinkedHashMap<>();
    private int number;

    /**
     * @param welcome the credits that a new account has
     * @param ambiguous whether some states of a subscription have the same second
     */
    public ProviderStories(long seed, Instant now, long welcome, boolean ambiguous) {
        this.random = new Random(seed);
        // No two stories have an id in common.
        this.number = (int) seed * 1_000_000;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.welcome = welcome;
        this.ambiguous = ambiguous;
    }

    /** An event's body. */
    public record Told(Provider provider, String body) {}

    /** A checkout that the service has made for a package. */
    public record Sale(UUID id, UUID account, String providerId, String item, long cents, long credits) {}

    /**
     * How a customer ends.
     *
     * @param creditsPaidUntil the end of the last paid period of the MapScraper plan, or null where it is the free one
     * @param unitsPaidUntil likewise of the Selextract plan
     * @param subscriptions status, quantity and plan of each, by the provider's id
     * @param purchases packages that were paid
     */
    public record End(
            UUID account,
            long credits,
            String mapscraperPlan,
            @Nullable Instant creditsPaidUntil,
            String selextractPlan,
            @Nullable Instant unitsPaidUntil,
            Map<String, String> subscriptions,
            int purchases,
            int failedPayments) {}

    public List<Told> events() {
        return List.copyOf(events);
    }

    public List<Sale> sales() {
        return List.copyOf(sales);
    }

    /** What each provider answers when it is asked for a subscription of that id, when all is over. */
    public @Nullable String present(String subscription) {
        return present.get(subscription);
    }

    /** Tells of another customer. */
    public End tell(UUID account) {
        return new Life(account).tell();
    }

    private static String json(Object object) {
        try {
            return JSON.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, @Nullable Object> map(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return map;
    }

    private static Instant months(Instant from, int months) {
        return from.atOffset(ZoneOffset.UTC).plusMonths(months).toInstant();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String next() {
        number++;
        return Integer.toString(number);
    }

    /** One customer's, at both companies. */
    private final class Life {
        private final UUID account;
        private final String stripeCustomer = "cus_" + next();
        private final String customer = next();
        private final Map<String, String> subscriptions = new LinkedHashMap<>();
        private Instant time = now;
        private long credits = welcome;
        private int purchases;
        private int failedPayments;
        private @Nullable Instant creditsPaidUntil;
        private @Nullable Instant unitsPaidUntil;
        private String selextractPlan = "free";

        private Life(UUID account) {
            this.account = account;
        }

        private End tell() {
            for (int i = random.nextInt(4); i > 0; i--) {
                time = now.minus(random.nextInt(100), ChronoUnit.DAYS);
                buyPackage();
            }
            boolean again = chance(25);
            if (again) {
                new StripeSubscription(months(now, -6), 2).live(true);
                new LemonSubscription(months(now, -6), 2).live(true);
            }
            new StripeSubscription(now.minus(100 + random.nextInt(10), ChronoUnit.DAYS), 1 + random.nextInt(4))
                    .live(false);
            new LemonSubscription(now.minus(100 + random.nextInt(10), ChronoUnit.DAYS), 1 + random.nextInt(4))
                    .live(false);
            return new End(
                    account,
                    credits,
                    creditsPaidUntil == null ? "free" : "starter",
                    creditsPaidUntil,
                    selextractPlan,
                    unitsPaidUntil,
                    Map.copyOf(subscriptions),
                    purchases,
                    failedPayments);
        }

        private void pass() {
            time = time.plusSeconds(1 + random.nextInt(20));
        }

        private void stripe(String type, Map<String, @Nullable Object> object) {
            events.add(new Told(
                    Provider.STRIPE,
                    json(map(
                            "id",
                            "evt_" + next(),
                            "object",
                            "event",
                            "livemode",
                            true,
                            "type",
                            type,
                            "created",
                            time.getEpochSecond(),
                            "note",
                            CARD,
                            "data",
                            map("object", object)))));
        }

        private void buyPackage() {
            boolean small = chance(50);
            long cents = small ? 1900 : 5900;
            long amount = small ? 500 : 2000;
            UUID checkout = UUID.randomUUID();
            String session = "cs_" + next();
            String intent = "pi_" + next();
            sales.add(new Sale(checkout, account, session, small ? "small" : "medium", cents, amount));
            int fate = random.nextInt(10);
            if (fate == 0) {
                stripe("checkout.session.expired", session(session, checkout, intent, "unpaid", cents));
                return;
            }
            boolean late = fate <= 2;
            stripe("payment_intent.created", map("id", intent, "object", "payment_intent"));
            pass();
            stripe("checkout.session.completed", session(session, checkout, intent, late ? "unpaid" : "paid", cents));
            if (fate == 1) {
                pass();
                stripe("checkout.session.async_payment_failed", session(session, checkout, intent, "unpaid", cents));
                return;
            }
            if (late) {
                pass();
                stripe("checkout.session.async_payment_succeeded", session(session, checkout, intent, "paid", cents));
            }
            purchases++;
            credits += amount;
            String invoice = "in_" + next();
            stripe("invoice.paid", packageInvoice(invoice, cents));
            stripe("invoice_payment.paid", payment(invoice, intent, cents));
            giveBack(intent, cents, amount);
        }

        /** Some of a payment is paid back, in parts, or it is disputed; the credits go with the money. */
        private void giveBack(String intent, long cents, long amount) {
            int fate = random.nextInt(6);
            String charge = "ch_" + next();
            if (fate == 0) {
                String dispute = "du_" + next();
                boolean won = chance(50);
                pass();
                stripe("charge.dispute.created", dispute(dispute, intent, cents, "needs_response"));
                pass();
                stripe("charge.dispute.closed", dispute(dispute, intent, cents, won ? "won" : "lost"));
                credits -= won ? 0 : amount;
            } else if (fate <= 2) {
                long back = cents * (10 + random.nextInt(40)) / 100;
                pass();
                stripe("charge.refunded", charge(charge, intent, cents, back / 2));
                pass();
                stripe("charge.refunded", charge(charge, intent, cents, back));
                long all = fate == 1 ? back : cents;
                if (all == cents) {
                    pass();
                    stripe("charge.refunded", charge(charge, intent, cents, cents));
                }
                credits -= amount * all / cents;
            }
        }

        private Map<String, @Nullable Object> session(
                String id, UUID checkout, String intent, String paid, long cents) {
            return map(
                    "id", id,
                    "object", "checkout.session",
                    "mode", "payment",
                    "payment_status", paid,
                    "amount_total", cents,
                    "payment_intent", intent,
                    "customer", stripeCustomer,
                    "client_reference_id", chance(50) ? checkout.toString() : null,
                    "metadata",
                            chance(50)
                                    ? map("account_id", account.toString(), "checkout_id", checkout.toString())
                                    : map());
        }

        private Map<String, @Nullable Object> packageInvoice(String id, long cents) {
            return map(
                    "id",
                    id,
                    "object",
                    "invoice",
                    "customer",
                    stripeCustomer,
                    "billing_reason",
                    "manual",
                    "status",
                    "paid",
                    "amount_due",
                    cents,
                    "currency",
                    "usd",
                    "created",
                    time.getEpochSecond(),
                    "number",
                    "B-" + id,
                    "metadata",
                    map("account_id", account.toString()),
                    "lines",
                    map("data", List.of(map("amount", cents, "description", "Credits"))));
        }

        private Map<String, @Nullable Object> payment(String invoice, String intent, long cents) {
            return map(
                    "id",
                    "inpay_" + next(),
                    "object",
                    "invoice_payment",
                    "invoice",
                    invoice,
                    "amount_paid",
                    cents,
                    "status",
                    "paid",
                    "payment",
                    map("type", "payment_intent", "payment_intent", intent));
        }

        private Map<String, @Nullable Object> charge(String id, String intent, long cents, long back) {
            return map(
                    "id", id,
                    "object", "charge",
                    "payment_intent", intent,
                    "amount", cents,
                    "amount_refunded", back,
                    "payment_method_details", map("card", map("last4", "4242")));
        }

        private Map<String, @Nullable Object> dispute(String id, String intent, long cents, String status) {
            return map("id", id, "object", "dispute", "payment_intent", intent, "amount", cents, "status", status);
        }

        /** The plan starter at Stripe, in months. */
        private final class StripeSubscription {
            private final String id = "sub_" + next();
            private final boolean named = chance(60);
            private final Instant start;
            private final int months;
            private int period;
            private int quantity = 1;
            private String status = "incomplete";
            private boolean cancelled;

            private StripeSubscription(Instant start, int months) {
                this.start = start;
                this.months = months;
            }

            private void live(boolean ends) {
                time = start;
                said("created");
                renew("subscription_create");
                for (period = 1; period < months; period++) {
                    time = months(start, period);
                    said("updated");
                    renew("subscription_cycle");
                    if (chance(15)) {
                        quantity++;
                        said("updated");
                        quantity++;
                        said("updated");
                    }
                }
                period = months - 1;
                int fate = ends ? 0 : random.nextInt(5);
                if (fate <= 1) {
                    cancelled = true;
                    said("updated");
                }
                if (fate == 1) {
                    cancelled = false;
                    said("updated");
                }
                if (fate == 0) {
                    time = months(start, months);
                    status = "canceled";
                    said("deleted");
                    creditsPaidUntil = null;
                } else if (fate == 2) {
                    period = months;
                    time = months(start, months);
                    said("updated");
                    fail("in_" + next(), "subscription_cycle");
                    if (chance(50)) {
                        status = "unpaid";
                        said("updated");
                        creditsPaidUntil = null;
                    }
                }
                subscriptions.put(
                        id,
                        switch (status) {
                                    case "canceled" -> "ENDED";
                                    default -> status.toUpperCase(Locale.ROOT);
                                }
                                + " " + quantity + " starter");
                present.put(id, json(object()));
            }

            /** The same second as the last is not out of the question. */
            private void said(String what) {
                if (!(ambiguous && what.equals("updated") && chance(20))) {
                    pass();
                }
                stripe("customer.subscription." + what, object());
            }

            private Map<String, @Nullable Object> object() {
                return map(
                        "id",
                        id,
                        "object",
                        "subscription",
                        "status",
                        status,
                        "customer",
                        stripeCustomer,
                        "metadata",
                        map("account_id", account.toString(), "plan_id", "starter"),
                        "start_date",
                        start.getEpochSecond(),
                        "cancel_at_period_end",
                        cancelled,
                        "default_payment_method",
                        "pm_" + id,
                        "ended_at",
                        status.equals("canceled") ? time.getEpochSecond() : null,
                        "items",
                        map(
                                "data",
                                List.of(map(
                                        "price", map("id", "price_starter"),
                                        "quantity", quantity,
                                        "current_period_start",
                                                months(start, period).getEpochSecond(),
                                        "current_period_end",
                                                months(start, period + 1).getEpochSecond()))));
            }

            private void renew(String reason) {
                String invoice = "in_" + next();
                String intent = "pi_" + next();
                stripe("invoice.created", invoice(invoice, reason, "draft"));
                pass();
                stripe("invoice.finalized", invoice(invoice, reason, "open"));
                if (period > 0 && chance(30)) {
                    fail(invoice, reason);
                    if (chance(40)) {
                        status = "unpaid";
                        said("updated");
                    }
                    time = time.plus(2, ChronoUnit.DAYS);
                }
                pass();
                stripe("invoice.paid", invoice(invoice, reason, "paid"));
                stripe("invoice_payment.paid", payment(invoice, intent, STARTER_CENTS));
                status = "active";
                said("updated");
                credits += STARTER_CREDITS;
                creditsPaidUntil = months(start, period + 1);
                giveBack(intent, STARTER_CENTS, STARTER_CREDITS);
            }

            private void fail(String invoice, String reason) {
                pass();
                stripe("invoice.payment_failed", invoice(invoice, reason, "open"));
                failedPayments++;
                status = "past_due";
                said("updated");
            }

            private Map<String, @Nullable Object> invoice(String invoice, String reason, String state) {
                return map(
                        "id",
                        invoice,
                        "object",
                        "invoice",
                        "customer",
                        stripeCustomer,
                        "billing_reason",
                        reason,
                        "status",
                        state,
                        "amount_due",
                        STARTER_CENTS,
                        "currency",
                        "usd",
                        "created",
                        months(start, period).getEpochSecond(),
                        "number",
                        "A-" + invoice,
                        "status_transitions",
                        map("paid_at", state.equals("paid") ? time.getEpochSecond() : null),
                        "parent",
                        map(
                                "subscription_details",
                                map(
                                        "subscription",
                                        id,
                                        "metadata",
                                        named ? map("account_id", account.toString()) : map())),
                        "lines",
                        map(
                                "data",
                                List.of(map(
                                        "amount", STARTER_CENTS,
                                        "description", "1 x Starter",
                                        "parent", map("subscription_item_details", map("proration", false)),
                                        "pricing", map("price_details", map("price", "price_starter")),
                                        "period",
                                                map(
                                                        "start",
                                                                months(start, period)
                                                                        .getEpochSecond(),
                                                        "end",
                                                                months(start, period + 1)
                                                                        .getEpochSecond())))));
            }
        }

        /** A plan at Lemon Squeezy, in months. */
        private final class LemonSubscription {
            private final String id = next();
            private final boolean named = chance(60);
            private final Instant start;
            private final int months;
            private int period;
            private int quantity = 1;
            private String status = "active";
            private boolean enterprise = chance(40);
            private @Nullable Instant again;

            private LemonSubscription(Instant start, int months) {
                this.start = start;
                this.months = months;
            }

            private void live(boolean ends) {
                time = start;
                pass();
                lemon("subscription_created", "subscriptions", id, attributes());
                event("order_created", "orders", next(), map("status", "paid", "updated_at", text(time)));
                paid("initial");
                for (period = 1; period < months; period++) {
                    time = months(start, period);
                    renew();
                    if (chance(25)) {
                        enterprise = !enterprise;
                        said("plan_changed");
                        if (enterprise) {
                            String invoice = next();
                            pass();
                            lemon(
                                    "subscription_payment_success",
                                    "subscription-invoices",
                                    invoice,
                                    invoice("updated", "paid", 0, time));
                        }
                    }
                    if (chance(15)) {
                        quantity++;
                        said("updated");
                        quantity++;
                        said("updated");
                    }
                }
                period = months - 1;
                selextractPlan = enterprise ? "enterprise" : "professional";
                int fate = ends ? 0 : random.nextInt(5);
                if (fate <= 1) {
                    status = "cancelled";
                    said("cancelled");
                }
                if (fate == 1) {
                    status = "active";
                    said("resumed");
                }
                if (fate == 0) {
                    time = months(start, months);
                    status = "expired";
                    said("expired");
                    free();
                } else if (fate == 2) {
                    time = months(start, months);
                    period = months;
                    fail(next(), time);
                    if (chance(50)) {
                        status = "unpaid";
                        said("updated");
                        free();
                    }
                }
                String ended = switch (status) {
                    case "expired" -> "ENDED";
                    case "cancelled" -> "ACTIVE";
                    default -> status.toUpperCase(Locale.ROOT);
                };
                subscriptions.put(id, ended + " " + quantity + " " + (enterprise ? "enterprise" : "professional"));
                present.put(id, json(map("data", map("type", "subscriptions", "id", id, "attributes", attributes()))));
            }

            private void free() {
                selextractPlan = "free";
                unitsPaidUntil = null;
            }

            private void renew() {
                if (chance(30)) {
                    String invoice = next();
                    Instant made = time.plusSeconds(3);
                    fail(invoice, made);
                    if (chance(40)) {
                        status = "unpaid";
                        said("updated");
                    }
                    time = time.plus(2, ChronoUnit.DAYS);
                    status = "active";
                    again = null;
                    paid("renewal", invoice, made);
                    lemon(
                            "subscription_payment_recovered",
                            "subscription-invoices",
                            invoice,
                            invoice("renewal", "paid", 0, made));
                    said("updated");
                } else {
                    paid("renewal");
                    said("updated");
                }
            }

            private void fail(String invoice, Instant made) {
                pass();
                lemon(
                        "subscription_payment_failed",
                        "subscription-invoices",
                        invoice,
                        invoice("renewal", "pending", 0, made));
                failedPayments++;
                status = "past_due";
                again = time.plus(3, ChronoUnit.DAYS);
                said("updated");
            }

            private void paid(String reason) {
                pass();
                paid(reason, next(), time);
            }

            private void paid(String reason, String invoice, Instant made) {
                pass();
                lemon(
                        "subscription_payment_success",
                        "subscription-invoices",
                        invoice,
                        invoice(reason, "paid", 0, made));
                unitsPaidUntil = months(start, period + 1);
                if (chance(10)) {
                    pass();
                    lemon(
                            "subscription_payment_refunded",
                            "subscription-invoices",
                            invoice,
                            invoice(reason, "partial_refund", 500, made));
                }
            }

            private void said(String what) {
                if (!(ambiguous && what.equals("updated") && chance(20))) {
                    pass();
                }
                Map<String, @Nullable Object> attributes = attributes();
                lemon("subscription_" + what, "subscriptions", id, attributes);
                if (!what.equals("updated") && chance(50)) {
                    lemon("subscription_updated", "subscriptions", id, attributes);
                }
            }

            private Map<String, @Nullable Object> attributes() {
                Instant end = months(start, period + 1);
                boolean over = status.equals("cancelled") || status.equals("expired");
                return map(
                        "store_id",
                        1,
                        "customer_id",
                        Integer.parseInt(customer),
                        "variant_id",
                        enterprise ? 12 : 11,
                        "status",
                        status,
                        "card_brand",
                        "visa",
                        "card_last_four",
                        "4242",
                        "payment_processor",
                        "stripe",
                        "first_subscription_item",
                        map("id", 1, "quantity", quantity),
                        "urls",
                        map("customer_portal", "https://my-store.lemonsqueezy.com/billing?signature=" + PORTAL_TOKEN),
                        "renews_at",
                        text(again != null ? again : end),
                        "ends_at",
                        over ? text(end) : null,
                        "trial_ends_at",
                        null,
                        "created_at",
                        text(start),
                        "updated_at",
                        text(time));
            }

            private Map<String, @Nullable Object> invoice(String reason, String state, long refunded, Instant made) {
                return map(
                        "store_id",
                        1,
                        "subscription_id",
                        Integer.parseInt(id),
                        "customer_id",
                        Integer.parseInt(customer),
                        "billing_reason",
                        reason,
                        "status",
                        state,
                        "currency",
                        "USD",
                        "total",
                        enterprise ? 19_999 : 2999,
                        "refunded_amount",
                        refunded,
                        "urls",
                        map("invoice_url", "https://app.lemonsqueezy.com/my-orders/1/subscription-invoice/5"),
                        "created_at",
                        text(made),
                        "updated_at",
                        text(time));
            }

            private void lemon(String name, String type, String object, Map<String, @Nullable Object> attributes) {
                event(name, type, object, attributes);
            }

            private void event(String name, String type, String object, Map<String, @Nullable Object> attributes) {
                events.add(new Told(
                        Provider.LEMONSQUEEZY,
                        json(map(
                                "meta",
                                        map(
                                                "event_name",
                                                name,
                                                "test_mode",
                                                false,
                                                "custom_data",
                                                named || type.equals("subscriptions")
                                                        ? map(
                                                                "account_id",
                                                                account.toString(),
                                                                "plan_id",
                                                                "professional")
                                                        : null),
                                "note", CARD,
                                "data", map("type", type, "id", object, "attributes", attributes)))));
            }

            private static String text(Instant time) {
                return time.toString().replace("Z", ".000000Z");
            }
        }
    }
}
