package io.bactrian.billing.sandbox;

import io.bactrian.billing.Provider;
import io.bactrian.billing.SandboxBooks.Sale;
import io.bactrian.billing.SandboxBooks.Standing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Events in the form that Lemon Squeezy gives its own. */
final class SandboxLemonSqueezy implements SandboxEvents {

    @Override
    public Provider provider() {
        return Provider.LEMONSQUEEZY;
    }

    @Override
    public String newSubscription() {
        return number();
    }

    /** Lemon Squeezy's ids are numbers. */
    private static String number() {
        return number(UUID.randomUUID());
    }

    private static String number(UUID id) {
        return Long.toString(id.getMostSignificantBits() >>> 1);
    }

    private static Map<String, Object> event(
            String name, UUID account, @Nullable UUID checkout, String plan, Map<String, Object> object) {
        Map<String, Object> custom = new HashMap<>(Map.of("account_id", account.toString(), "plan_id", plan));
        if (checkout != null) {
            custom.put("checkout_id", checkout.toString());
        }
        return Map.of("meta", Map.of("event_name", name, "test_mode", true, "custom_data", custom), "data", object);
    }

    private static Map<String, Object> subscription(Standing standing, String status, Instant at) {
        Map<String, Object> attributes = new HashMap<>();
        attributes.put("status", status);
        attributes.put("cancelled", standing.cancelled());
        attributes.put("customer_id", Math.abs((long) standing.account().hashCode()));
        attributes.put("variant_id", "sandbox-" + standing.plan());
        attributes.put("card_brand", "visa");
        attributes.put("card_last_four", "4242");
        attributes.put("renews_at", standing.periodEnd().toString());
        attributes.put(
                "ends_at", status.equals("active") ? null : standing.periodEnd().toString());
        attributes.put("created_at", standing.started().toString());
        attributes.put("updated_at", at.toString());
        attributes.put("test_mode", true);
        return Map.of("type", "subscriptions", "id", standing.providerId(), "attributes", attributes);
    }

    private static Map<String, Object> invoice(Standing standing, String reason, long amount, Instant at) {
        Map<String, Object> attributes = new HashMap<>();
        attributes.put("subscription_id", standing.providerId());
        attributes.put("customer_id", Math.abs((long) standing.account().hashCode()));
        attributes.put("billing_reason", reason);
        attributes.put("status", "paid");
        attributes.put("currency", "USD");
        attributes.put("total", amount);
        attributes.put("refunded_amount", 0);
        attributes.put("created_at", (reason.equals("updated") ? at : standing.periodStart()).toString());
        attributes.put("updated_at", at.toString());
        attributes.put("test_mode", true);
        return Map.of("type", "subscription-invoices", "id", invoiceNumber(standing, reason), "attributes", attributes);
    }

    /** A period is renewed by one invoice, however often that is told. */
    private static String invoiceNumber(Standing standing, String reason) {
        return reason.equals("updated")
                ? number()
                : number(UUID.nameUUIDFromBytes(
                        (standing.providerId() + ":" + standing.periodStart()).getBytes(StandardCharsets.UTF_8)));
    }

    private static Map<String, Object> order(Sale sale, Standing standing, Instant at) {
        return Map.of(
                "type",
                "orders",
                "id",
                number(),
                "attributes",
                Map.of(
                        "identifier", sale.id().toString(),
                        "customer_id", Math.abs((long) standing.account().hashCode()),
                        "status", "paid",
                        "currency", "USD",
                        "total", sale.amount(),
                        "created_at", at.toString(),
                        "updated_at", at.toString(),
                        "test_mode", true));
    }

    @Override
    public List<Map<String, Object>> declined(Sale sale, Instant at) {
        return List.of();
    }

    @Override
    public List<Map<String, Object>> packagePaid(Sale sale, Instant at) {
        throw new IllegalArgumentException("Packages are sold through Stripe alone.");
    }

    @Override
    public List<Map<String, Object>> subscribed(Sale sale, Standing standing, Instant at) {
        return List.of(
                event("order_created", sale.account(), sale.id(), sale.item(), order(sale, standing, at)),
                event(
                        "subscription_created",
                        sale.account(),
                        sale.id(),
                        sale.item(),
                        subscription(standing, "active", at)),
                event(
                        "subscription_payment_success",
                        sale.account(),
                        sale.id(),
                        sale.item(),
                        invoice(standing, "initial", standing.amount(), at)));
    }

    @Override
    public List<Map<String, Object>> changed(Standing standing, Change change, long amount, Instant at) {
        String name = switch (change) {
            case PLAN -> "subscription_plan_changed";
            case CANCELLED -> "subscription_cancelled";
            case RESUMED -> "subscription_resumed";
            case RENEWED -> "subscription_updated";
            case ENDED -> "subscription_expired";
        };
        String status = change == Change.ENDED ? "expired" : standing.cancelled() ? "cancelled" : "active";
        Map<String, Object> told =
                event(name, standing.account(), null, standing.plan(), subscription(standing, status, at));
        return switch (change) {
            case PLAN, RENEWED ->
                List.of(
                        told,
                        event(
                                "subscription_payment_success",
                                standing.account(),
                                null,
                                standing.plan(),
                                invoice(standing, change == Change.PLAN ? "updated" : "renewal", amount, at)));
            case CANCELLED, RESUMED, ENDED -> List.of(told);
        };
    }

    @Override
    public ChronoUnit tick() {
        return ChronoUnit.MICROS;
    }
}
