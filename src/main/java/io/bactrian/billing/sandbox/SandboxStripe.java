package io.bactrian.billing.sandbox;

import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.Provider;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Events in the form that Stripe gives its own. */
final class SandboxStripe implements SandboxEvents {

    @Override
    public Provider provider() {
        return Provider.STRIPE;
    }

    @Override
    public String newSubscription() {
        return "sub_sandbox_" + random();
    }

    private static String random() {
        return plain(UUID.randomUUID());
    }

    private static String plain(UUID id) {
        return id.toString().replace("-", "");
    }

    private static Map<String, Object> event(String type, Instant at, Map<String, Object> object) {
        return Map.of(
                "id",
                "evt_sandbox_" + random(),
                "object",
                "event",
                "type",
                type,
                "created",
                at.getEpochSecond(),
                "livemode",
                false,
                "data",
                Map.of("object", object));
    }

    private static String customer(UUID account) {
        return "cus_sandbox_" + account.toString().replace("-", "");
    }

    private static Map<String, Object> metadata(UUID account, @Nullable UUID checkout, String item, String kind) {
        return checkout == null
                ? Map.of("account_id", account.toString(), kind, item)
                : Map.of("account_id", account.toString(), "checkout_id", checkout.toString(), kind, item);
    }

    @Override
    public List<Map<String, Object>> packagePaid(Sale sale, Instant at) {
        String payment = "pi_sandbox_" + random();
        String invoice = "in_sandbox_" + random();
        Map<String, Object> metadata = metadata(sale.account(), sale.id(), sale.item(), "package_id");
        return List.of(
                event(
                        "checkout.session.completed",
                        at,
                        session(sale, metadata, "payment", "paid", "payment_intent", payment)),
                event(
                        "invoice.paid",
                        at,
                        invoice(
                                invoice,
                                sale.account(),
                                metadata,
                                Map.of(),
                                "manual",
                                sale.title() + " package of credits",
                                sale.amount(),
                                at,
                                at,
                                at,
                                "price_sandbox_" + sale.item())),
                event(
                        "invoice_payment.paid",
                        at,
                        Map.of(
                                "id",
                                "inpay_sandbox_" + random(),
                                "object",
                                "invoice_payment",
                                "invoice",
                                invoice,
                                "amount_paid",
                                sale.amount(),
                                "status",
                                "paid",
                                "payment",
                                Map.of("type", "payment_intent", "payment_intent", payment))));
    }

    private static Map<String, Object> session(
            Sale sale, Map<String, Object> metadata, String mode, String payment, String outcomeName, String outcome) {
        return Map.ofEntries(
                Map.entry("id", String.valueOf(sale.providerId())),
                Map.entry("object", "checkout.session"),
                Map.entry("livemode", false),
                Map.entry("mode", mode),
                Map.entry("status", "complete"),
                Map.entry("payment_status", payment),
                Map.entry("amount_total", sale.amount()),
                Map.entry("currency", "usd"),
                Map.entry("client_reference_id", sale.id().toString()),
                Map.entry("metadata", metadata),
                Map.entry(outcomeName, outcome));
    }

    @Override
    public List<Map<String, Object>> declined(Sale sale, Instant at) {
        boolean once = sale.kind() == CheckoutKind.PACKAGE;
        Map<String, Object> metadata =
                metadata(sale.account(), sale.id(), sale.item(), once ? "package_id" : "plan_id");
        return List.of(event(
                "checkout.session.async_payment_failed",
                at,
                session(
                        sale,
                        metadata,
                        once ? "payment" : "subscription",
                        "unpaid",
                        "payment_intent",
                        "pi_sandbox_" + random())));
    }

    private static Map<String, Object> invoice(
            String id,
            UUID account,
            Map<String, Object> metadata,
            Map<String, Object> parent,
            String reason,
            String description,
            long amount,
            Instant at,
            Instant start,
            Instant end,
            String price) {
        return Map.ofEntries(
                Map.entry("id", id),
                Map.entry("object", "invoice"),
                Map.entry("number", "SANDBOX-" + id.substring(id.length() - 8).toUpperCase(Locale.ROOT)),
                Map.entry("customer", customer(account)),
                Map.entry("metadata", metadata),
                Map.entry("parent", parent),
                Map.entry("billing_reason", reason),
                Map.entry("description", description),
                Map.entry("status", "paid"),
                Map.entry("amount_due", amount),
                Map.entry("currency", "usd"),
                Map.entry("created", at.getEpochSecond()),
                Map.entry("due_date", at.getEpochSecond()),
                Map.entry("status_transitions", Map.of("paid_at", at.getEpochSecond())),
                Map.entry(
                        "lines",
                        Map.of(
                                "data",
                                List.of(Map.of(
                                        "amount", amount,
                                        "period", Map.of("start", start.getEpochSecond(), "end", end.getEpochSecond()),
                                        "parent", Map.of("subscription_item_details", Map.of("proration", false)),
                                        "pricing", Map.of("price_details", Map.of("price", price)))))));
    }

    @Override
    public List<Map<String, Object>> subscribed(Sale sale, Standing standing, Instant at) {
        Map<String, Object> metadata = metadata(sale.account(), sale.id(), sale.item(), "plan_id");
        return List.of(
                event(
                        "checkout.session.completed",
                        at,
                        session(sale, metadata, "subscription", "paid", "subscription", standing.providerId())),
                event("customer.subscription.created", at, subscription(standing, metadata, "active")),
                paid(standing, metadata, "subscription_create", standing.amount(), at));
    }

    private static Map<String, Object> subscription(Standing standing, Map<String, Object> metadata, String status) {
        return Map.ofEntries(
                Map.entry("id", standing.providerId()),
                Map.entry("object", "subscription"),
                Map.entry("customer", customer(standing.account())),
                Map.entry("status", status),
                Map.entry("metadata", metadata),
                Map.entry("cancel_at_period_end", standing.cancelled()),
                Map.entry("start_date", standing.started().getEpochSecond()),
                Map.entry("created", standing.started().getEpochSecond()),
                Map.entry("default_payment_method", Map.of("card", Map.of("last4", "4242"))),
                Map.entry(
                        "items",
                        Map.of(
                                "data",
                                List.of(Map.of(
                                        "id", "si_" + standing.providerId(),
                                        "quantity", 1,
                                        "price", Map.of("id", "price_sandbox_" + standing.plan()),
                                        "current_period_start",
                                                standing.periodStart().getEpochSecond(),
                                        "current_period_end",
                                                standing.periodEnd().getEpochSecond())))));
    }

    /** A period is renewed by one invoice, however often that is told. */
    private static String invoiceId(Standing standing, String reason) {
        return "in_sandbox_"
                + (reason.equals("subscription_update")
                        ? random()
                        : plain(UUID.nameUUIDFromBytes((standing.providerId() + ":" + standing.periodStart())
                                .getBytes(StandardCharsets.UTF_8))));
    }

    private static Map<String, Object> paid(
            Standing standing, Map<String, Object> metadata, String reason, long amount, Instant at) {
        return event(
                "invoice.paid",
                at,
                invoice(
                        invoiceId(standing, reason),
                        standing.account(),
                        metadata,
                        Map.of(
                                "subscription_details",
                                Map.of("subscription", standing.providerId(), "metadata", metadata)),
                        reason,
                        "Plan " + standing.title(),
                        amount,
                        at,
                        standing.periodStart(),
                        standing.periodEnd(),
                        "price_sandbox_" + standing.plan()));
    }

    @Override
    public List<Map<String, Object>> changed(Standing standing, Change change, long amount, Instant at) {
        Map<String, Object> metadata = metadata(standing.account(), null, standing.plan(), "plan_id");
        return switch (change) {
            case CANCELLED, RESUMED ->
                List.of(event("customer.subscription.updated", at, subscription(standing, metadata, "active")));
            case PLAN ->
                List.of(
                        event("customer.subscription.updated", at, subscription(standing, metadata, "active")),
                        paid(standing, metadata, "subscription_update", amount, at));
            case RENEWED ->
                List.of(
                        event("customer.subscription.updated", at, subscription(standing, metadata, "active")),
                        paid(standing, metadata, "subscription_cycle", amount, at));
            case ENDED ->
                List.of(event("customer.subscription.deleted", at, subscription(standing, metadata, "canceled")));
        };
    }

    @Override
    public ChronoUnit tick() {
        return ChronoUnit.SECONDS;
    }
}
