package io.bactrian.billing;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A payment provider's server that lists what it is given, in the form of both Stripe and Lemon Squeezy. */
public final class ProviderBooks implements AutoCloseable {
    private final WireMockServer server =
            new WireMockServer(WireMockConfiguration.wireMockConfig().dynamicPort());

    private final List<String> subscriptions = new ArrayList<>();
    private final List<String> invoices = new ArrayList<>();
    private final List<String> refunds = new ArrayList<>();
    private final List<String> disputes = new ArrayList<>();

    /** An empty one. */
    public ProviderBooks() {
        server.start();
        clear();
    }

    /** Where it is. */
    public String url() {
        return server.baseUrl();
    }

    /** Forgets all that it was given, and answers again. */
    public void clear() {
        server.resetAll();
        subscriptions.clear();
        invoices.clear();
        refunds.clear();
        disputes.clear();
        server.stubFor(any(anyUrl())
                .atPriority(9)
                .willReturn(aResponse().withStatus(404).withBody("{}")));
        list();
    }

    private void list() {
        server.stubFor(get(urlPathEqualTo("/v1/subscriptions")).willReturn(okJson(page(subscriptions))));
        server.stubFor(get(urlPathEqualTo("/v1/invoices")).willReturn(okJson(page(invoices))));
        server.stubFor(get(urlPathEqualTo("/v1/subscription-invoices")).willReturn(okJson(page(invoices))));
        server.stubFor(get(urlPathEqualTo("/v1/refunds")).willReturn(okJson(page(refunds))));
        server.stubFor(get(urlPathEqualTo("/v1/disputes")).willReturn(okJson(page(disputes))));
    }

    private static String page(List<String> objects) {
        return "{\"data\": [%s], \"has_more\": false, \"meta\": {\"page\": {\"lastPage\": 1}}}"
                .formatted(String.join(",", objects));
    }

    /** Answers every request with that status and a message. */
    public void refuse(int status, String message) {
        server.resetAll();
        server.stubFor(any(anyUrl())
                .willReturn(
                        aResponse().withStatus(status).withBody("{\"error\": {\"message\": \"" + message + "\"}}")));
    }

    /**
     * A subscription of Stripe.
     *
     * @param listed whether it is in the list, which has none that has ended; it can be asked for in any case
     */
    public void stripeSubscription(
            String id, UUID account, String plan, String status, Instant start, Instant end, boolean listed) {
        String object = """
                {"id": "%s", "object": "subscription", "status": "%s", "customer": "cus_%s", "start_date": %d,
                 "cancel_at_period_end": false, "metadata": {"account_id": "%s", "plan_id": "%s"},
                 "items": {"data": [{"id": "si_1", "quantity": 1, "price": {"id": "price_%s"},
                           "current_period_start": %d, "current_period_end": %d}]}}""".formatted(
                        id,
                        status,
                        id,
                        start.getEpochSecond(),
                        account,
                        plan,
                        plan,
                        start.getEpochSecond(),
                        end.getEpochSecond());
        server.stubFor(get(urlPathEqualTo("/v1/subscriptions/" + id)).willReturn(okJson(object)));
        if (listed) {
            subscriptions.add(object);
            list();
        }
    }

    /** A paid invoice of Stripe for a period of a subscription. */
    public void stripeInvoice(String id, String subscription, UUID account, String plan, Instant start, Instant end) {
        invoices.add("""
                {"id": "%s", "object": "invoice", "status": "paid", "number": "%s", "amount_due": 2900, "currency": "usd",
                 "created": %d, "customer": "cus_%s", "billing_reason": "subscription_create",
                 "status_transitions": {"paid_at": %d},
                 "parent": {"subscription_details": {"subscription": "%s", "metadata": {"account_id": "%s"}}},
                 "lines": {"data": [{"amount": 2900, "description": "A plan",
                           "parent": {"subscription_item_details": {"proration": false}},
                           "pricing": {"price_details": {"price": "price_%s"}},
                           "period": {"start": %d, "end": %d}}]}}""".formatted(
                        id,
                        id,
                        start.getEpochSecond(),
                        subscription,
                        start.getEpochSecond(),
                        subscription,
                        account,
                        plan,
                        start.getEpochSecond(),
                        end.getEpochSecond()));
        list();
    }

    /** A paid invoice of Stripe for a package. */
    public void stripePackageInvoice(String id, UUID account, UUID checkout, String payment, Instant at) {
        invoices.add("""
                {"id": "%s", "object": "invoice", "status": "paid", "number": "%s", "amount_due": 1000, "currency": "usd",
                 "created": %d, "customer": "cus_1", "billing_reason": "manual", "status_transitions": {"paid_at": %d},
                 "metadata": {"account_id": "%s", "checkout_id": "%s", "package_id": "small"},
                 "payments": {"data": [{"status": "paid", "payment": {"type": "payment_intent", "payment_intent": "%s"}}]},
                 "lines": {"data": [{"amount": 1000, "description": "Small"}]}}""".formatted(id, id, at.getEpochSecond(), at.getEpochSecond(), account, checkout, payment));
        list();
    }

    /** A refund of Stripe, after which so much of a payment is returned in all. */
    public void stripeRefund(String id, String payment, long paid, long returned) {
        refunds.add("""
                {"id": "%s", "object": "refund", "amount": 1, "status": "succeeded", "payment_intent": "%s",
                 "charge": {"id": "ch_1", "object": "charge", "payment_intent": "%s", "amount": %d, "amount_refunded": %d}}""".formatted(id, payment, payment, paid, returned));
        list();
    }

    /** A dispute of Stripe over a payment, in place of those before. */
    public void stripeDispute(String payment, long amount, String status) {
        disputes.clear();
        disputes.add(
                "{\"id\": \"du_1\", \"object\": \"dispute\", \"amount\": %d, \"payment_intent\": \"%s\", \"status\": \"%s\"}"
                        .formatted(amount, payment, status));
        list();
    }

    /** A subscription of Lemon Squeezy. */
    public void lemonSqueezySubscription(String id, String variant, String status, Instant start, Instant renews) {
        String object = """
                {"type": "subscriptions", "id": "%s", "attributes": {"store_id": 1, "customer_id": 7, "variant_id": %s,
                 "status": "%s", "first_subscription_item": {"quantity": 1}, "renews_at": "%s", "ends_at": %s,
                 "created_at": "%s", "updated_at": "%s"}}""".formatted(
                id, variant, status, renews, status.equals("cancelled") ? "\"" + renews + "\"" : "null", start, start);
        server.stubFor(get(urlPathEqualTo("/v1/subscriptions/" + id)).willReturn(okJson("{\"data\": " + object + "}")));
        subscriptions.add(object);
        list();
    }

    @Override
    public void close() {
        server.stop();
    }
}
