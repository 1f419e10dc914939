package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Accounts;
import io.bactrian.billing.Invoices;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.Plans;
import io.bactrian.billing.Purchases;
import io.bactrian.billing.Subscriptions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Selextract's operations on plans and what is paid for them, and the invoices of both APIs. */
@Component
public class BillingApi {
    private final Accounts accounts;
    private final Plans plans;
    private final Purchases purchases;
    private final Subscriptions subscriptions;
    private final Invoices invoices;
    private final SubscriptionView subscriptionView;

    BillingApi(
            Accounts accounts,
            Plans plans,
            Purchases purchases,
            Subscriptions subscriptions,
            Invoices invoices,
            SubscriptionView subscriptionView) {
        this.accounts = accounts;
        this.plans = plans;
        this.purchases = purchases;
        this.subscriptions = subscriptions;
        this.invoices = invoices;
        this.subscriptionView = subscriptionView;
    }

    private record PlanView(
            String id,
            String name,
            String tier,
            BigDecimal price,
            String currency,
            @JsonProperty("compute_units_limit") long computeUnitsLimit,
            List<String> features,
            @JsonProperty("billing_interval") String billingInterval) {}

    /** Every plan that there is, in the order of the configuration. */
    public Answer plans() {
        return Answer.ok(plans.selextract().entrySet().stream()
                .map(entry -> new PlanView(
                        entry.getKey(),
                        entry.getValue().name(),
                        entry.getValue().tier(),
                        entry.getValue().price(),
                        SubscriptionView.USD,
                        entry.getValue().computeUnitsLimit(),
                        entry.getValue().features(),
                        entry.getValue().interval().name().toLowerCase(Locale.ROOT)))
                .toList());
    }

    /** The account's subscription, its plan, and what it has used. */
    public Answer subscription(ApiCall call) {
        return Answer.ok(subscriptionView.of(accounts.find(call.accountId()), PlanApi.SELEXTRACT));
    }

    private record Checkout(
            @JsonProperty("checkout_url") String checkoutUrl,
            @JsonProperty("checkout_id") String checkoutId) {}

    /** Begins the purchase of a plan. */
    public Answer createCheckout(ApiCall call) {
        ObjectNode body = call.object();
        Purchases.Page page = purchases.subscribe(
                call.accountId(), body.path("plan_id").asText(), text(body, "success_url"), text(body, "cancel_url"));
        return Answer.ok(new Checkout(page.url(), page.id()));
    }

    private static @Nullable String text(ObjectNode body, String name) {
        return body.hasNonNull(name) ? body.path(name).asText() : null;
    }

    /** Moves the account to another plan that it pays for. */
    public Answer changePlan(ApiCall call) {
        return Answer.ok(SubscriptionView.part(subscriptions.change(
                call.accountId(),
                PlanApi.SELEXTRACT,
                call.object().path("plan_id").asText())));
    }

    /** Ends the account's plan with its period. */
    public Answer cancel(ApiCall call) {
        return Answer.ok(SubscriptionView.part(subscriptions.cancel(call.accountId(), PlanApi.SELEXTRACT)));
    }

    /** Takes a cancellation back before the period has ended. */
    public Answer resume(ApiCall call) {
        return Answer.ok(SubscriptionView.part(subscriptions.resume(call.accountId(), PlanApi.SELEXTRACT)));
    }

    /** Where the account's owner changes the means of payment, and reads invoices. */
    public Answer portal(ApiCall call) {
        String api = String.valueOf(call.parameters().text("api"));
        return Answer.ok(Map.of(
                "portal_url", subscriptions.portal(call.accountId(), PlanApi.valueOf(api.toUpperCase(Locale.ROOT)))));
    }

    private record SelextractInvoice(
            String id,
            String number,
            BigDecimal amount,
            String currency,
            String status,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("due_date") Instant dueDate,
            @JsonProperty("paid_at") @Nullable Instant paidAt,
            @JsonProperty("download_url") @Nullable String downloadUrl) {
        static SelextractInvoice of(Invoices.Issued invoice) {
            return new SelextractInvoice(
                    invoice.id(),
                    invoice.number(),
                    invoice.price(),
                    invoice.currency(),
                    invoice.status().code(),
                    TaskView.millis(invoice.created()),
                    TaskView.millis(invoice.due()),
                    invoice.paid() == null ? null : TaskView.millis(invoice.paid()),
                    invoice.documentUrl());
        }
    }

    private record MapscraperInvoice(
            String id,
            String date,
            long amount,
            String status,
            @JsonProperty("pdfUrl") @Nullable String pdfUrl) {
        static MapscraperInvoice of(Invoices.Issued invoice) {
            return new MapscraperInvoice(
                    invoice.id(),
                    LocalDate.ofInstant(invoice.created(), ZoneOffset.UTC).toString(),
                    invoice.amount(),
                    invoice.status().code(),
                    invoice.documentUrl());
        }
    }

    /** The invoices of the API whose credential asks, in its shape. */
    public Answer invoices(ApiCall call) {
        return switch (call.caller().issuer()) {
            case SELEXTRACT ->
                Answer.ok(invoices.list(call.accountId(), PlanApi.SELEXTRACT).stream()
                        .map(SelextractInvoice::of)
                        .toList());
            case MAPSCRAPER ->
                Answer.ok(Map.of(
                        "invoices",
                        invoices.list(call.accountId(), PlanApi.MAPSCRAPER).stream()
                                .map(MapscraperInvoice::of)
                                .toList()));
        };
    }
}
