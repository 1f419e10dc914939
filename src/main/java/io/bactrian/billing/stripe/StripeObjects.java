package io.bactrian.billing.stripe;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.OutsideText;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.DisputeOutcome;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.SubscriptionStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What Stripe's objects say, as events and answers have them. */
final class StripeObjects {

    private static final long LATEST_TIME =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private StripeObjects() {}

    static @Nullable String text(JsonNode node, String pointer) {
        JsonNode found = node.at("/" + pointer);
        return found.isTextual() && !found.textValue().isBlank() ? OutsideText.clean(found.textValue()) : null;
    }

    static String need(JsonNode node, String pointer) {
        String found = text(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
    }

    private static InvalidEventException missing(String field) {
        return new InvalidEventException("What Stripe says lacks the field " + field + ", or it is of another type.");
    }

    /** The id of what is told of by its id or, expanded, as a whole. */
    private static @Nullable String id(JsonNode node, String pointer) {
        String id = first(text(node, pointer), text(node, pointer + "/id"));
        if (id != null && id.length() > OutsideText.KEY) {
            throw new InvalidEventException(
                    "What Stripe says has an id in the field " + pointer + " that is too long.");
        }
        return id;
    }

    static String needId(JsonNode node, String pointer) {
        String found = id(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one != null ? one : other;
    }

    private static @Nullable Instant time(JsonNode node, String pointer) {
        JsonNode found = node.at("/" + pointer);
        return found.isIntegralNumber()
                        && found.canConvertToLong()
                        && found.longValue() >= 0
                        && found.longValue() <= LATEST_TIME
                ? Instant.ofEpochSecond(found.longValue())
                : null;
    }

    private static @Nullable Instant first(@Nullable Instant one, @Nullable Instant other) {
        return one != null ? one : other;
    }

    static Instant needTime(JsonNode node, String pointer) {
        Instant found = time(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
    }

    private static long needAmount(JsonNode node, String field) {
        JsonNode found = node.path(field);
        if (!found.isIntegralNumber() || !found.canConvertToLong() || found.longValue() < 0) {
            throw missing(field);
        }
        return found.longValue();
    }

    private static int quantity(JsonNode item) {
        JsonNode found = item.path("quantity");
        // Metered prices have none.
        if (found.isMissingNode() || found.isNull()) {
            return 1;
        }
        if (!found.isIntegralNumber() || !found.canConvertToInt() || found.intValue() < 0) {
            throw missing("items.data.quantity");
        }
        return found.intValue();
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException another) {
            return null;
        }
    }

    /** Metadata that others have written leads to no account, and the customer or subscription may. */
    private static Owner owner(
            JsonNode metadata, @Nullable String reference, @Nullable String customer, @Nullable String subscription) {
        return new Owner(
                uuid(text(metadata, "account_id")),
                uuid(first(text(metadata, "checkout_id"), reference)),
                customer,
                subscription);
    }

    static CheckoutEnded checkout(JsonNode session, String type, Instant at) {
        String paid = text(session, "payment_status");
        CheckoutOutcome outcome = switch (type) {
            case "checkout.session.async_payment_succeeded" -> CheckoutOutcome.PAID;
            case "checkout.session.async_payment_failed" -> CheckoutOutcome.DECLINED;
            case "checkout.session.expired" -> CheckoutOutcome.EXPIRED;
            default ->
                "paid".equals(paid) || "no_payment_required".equals(paid)
                        ? CheckoutOutcome.PAID
                        : CheckoutOutcome.PENDING;
        };
        boolean once = "payment".equals(need(session, "mode"));
        return new CheckoutEnded(
                needId(session, "id"),
                owner(
                        session.path("metadata"),
                        text(session, "client_reference_id"),
                        id(session, "customer"),
                        id(session, "subscription")),
                outcome,
                once ? id(session, "payment_intent") : null,
                outcome == CheckoutOutcome.PAID ? needAmount(session, "amount_total") : 0,
                at);
    }

    static SubscriptionState subscription(JsonNode subscription, boolean deleted, @Nullable Instant at) {
        String id = needId(subscription, "id");
        JsonNode item = subscription.at("/items/data/0");
        SubscriptionStatus status = deleted ? SubscriptionStatus.ENDED : status(need(subscription, "status"));
        Instant started = first(time(subscription, "start_date"), time(subscription, "created"));
        if (started == null) {
            throw missing("start_date");
        }
        Instant ended = status == SubscriptionStatus.ENDED
                ? first(first(time(subscription, "ended_at"), time(subscription, "canceled_at")), at)
                : null;
        String lastDigits = text(subscription, "default_payment_method/card/last4");
        return new SubscriptionState(
                id,
                owner(subscription.path("metadata"), null, id(subscription, "customer"), id),
                id(item, "price"),
                text(subscription, "metadata/plan_id"),
                quantity(item),
                status,
                first(time(item, "current_period_start"), time(subscription, "current_period_start")),
                first(time(item, "current_period_end"), time(subscription, "current_period_end")),
                subscription.path("cancel_at_period_end").asBoolean() || time(subscription, "cancel_at") != null,
                lastDigits == null ? null : "card_ending_" + lastDigits,
                started,
                ended,
                at);
    }

    private static SubscriptionStatus status(String status) {
        return switch (status) {
            case "incomplete" -> SubscriptionStatus.INCOMPLETE;
            case "trialing" -> SubscriptionStatus.TRIALING;
            case "active" -> SubscriptionStatus.ACTIVE;
            case "past_due" -> SubscriptionStatus.PAST_DUE;
            case "paused" -> SubscriptionStatus.PAUSED;
            case "unpaid" -> SubscriptionStatus.UNPAID;
            case "incomplete_expired", "canceled" -> SubscriptionStatus.ENDED;
            default -> throw new InvalidEventException("A subscription has a status that is not known here.");
        };
    }

    static InvoiceState invoice(JsonNode invoice, Instant at) {
        String id = needId(invoice, "id");
        String subscription =
                first(id(invoice, "parent/subscription_details/subscription"), id(invoice, "subscription"));
        InvoiceReason reason = reason(text(invoice, "billing_reason"), subscription);
        JsonNode line = line(invoice, reason);
        String description = first(text(invoice, "description"), text(line, "description"));
        String number = text(invoice, "number");
        return new InvoiceState(
                id,
                owner(metadata(invoice), null, id(invoice, "customer"), subscription),
                // An invoice that somebody has written by hand pays for no period.
                reason == InvoiceReason.PACKAGE ? null : subscription,
                first(id(line, "pricing/price_details/price"), id(line, "price")),
                payment(invoice),
                number == null ? id : number,
                description == null ? "" : description,
                reason,
                invoiceStatus(need(invoice, "status")),
                needAmount(invoice, "amount_due"),
                0,
                need(invoice, "currency").toUpperCase(Locale.ROOT),
                time(line, "period/start"),
                time(line, "period/end"),
                needTime(invoice, "created"),
                time(invoice, "due_date"),
                time(invoice, "status_transitions/paid_at"),
                first(text(invoice, "hosted_invoice_url"), text(invoice, "invoice_pdf")),
                at);
    }

    private static JsonNode metadata(JsonNode invoice) {
        for (String place : List.of("/parent/subscription_details/metadata", "/subscription_details/metadata")) {
            JsonNode metadata = invoice.at(place);
            if (text(metadata, "account_id") != null) {
                return metadata;
            }
        }
        return invoice.path("metadata");
    }

    private static InvoiceReason reason(@Nullable String reason, @Nullable String subscription) {
        if (subscription == null || reason == null) {
            return InvoiceReason.PACKAGE;
        }
        return switch (reason) {
            case "subscription_create" -> InvoiceReason.FIRST;
            case "subscription_cycle" -> InvoiceReason.RENEWAL;
            case "subscription_update" -> InvoiceReason.CHANGE;
            default -> InvoiceReason.PACKAGE;
        };
    }

    private static InvoiceStatus invoiceStatus(String status) {
        return switch (status) {
            case "draft" -> InvoiceStatus.DRAFT;
            case "open" -> InvoiceStatus.OPEN;
            case "paid" -> InvoiceStatus.PAID;
            case "uncollectible" -> InvoiceStatus.UNCOLLECTIBLE;
            case "void" -> InvoiceStatus.VOID;
            default -> throw new InvalidEventException("An invoice has a status that is not known here.");
        };
    }

    /** The line that says what is paid for; the others are what is given back of the former plan. */
    private static JsonNode line(JsonNode invoice, InvoiceReason reason) {
        JsonNode lines = invoice.at("/lines/data");
        for (JsonNode line : lines) {
            boolean regular = (line.at("/parent/subscription_item_details").isObject()
                            || "subscription".equals(text(line, "type")))
                    && !line.at("/parent/subscription_item_details/proration").asBoolean()
                    && !line.path("proration").asBoolean();
            if (reason == InvoiceReason.CHANGE ? line.path("amount").asLong() > 0 : regular) {
                return line;
            }
        }
        return lines.path(0);
    }

    private static @Nullable String payment(JsonNode invoice) {
        String payment = id(invoice, "payment_intent");
        if (payment != null) {
            return payment;
        }
        for (JsonNode candidate : invoice.at("/payments/data")) {
            String intent = id(candidate, "payment/payment_intent");
            if (intent != null && "paid".equals(text(candidate, "status"))) {
                return intent;
            }
        }
        return null;
    }

    static List<BillingFact> failedInvoice(JsonNode object, Instant at) {
        InvoiceState invoice = invoice(object, at);
        List<BillingFact> facts = new ArrayList<>();
        facts.add(invoice);
        if (invoice.subscription() != null) {
            facts.add(new PaymentFailed(invoice.id(), invoice.owner(), invoice.amount(), invoice.currency(), at));
        }
        return facts;
    }

    static List<BillingFact> invoicePayment(JsonNode object, Instant at) {
        String payment = id(object, "payment/payment_intent");
        String invoice = id(object, "invoice");
        return payment == null || invoice == null
                ? List.of()
                : List.of(new InvoicePaid(invoice, payment, needAmount(object, "amount_paid"), at));
    }

    static List<BillingFact> refunded(JsonNode charge, Instant at) {
        String payment = id(charge, "payment_intent");
        return payment == null
                ? List.of()
                : List.of(
                        new Refunded(payment, needAmount(charge, "amount"), needAmount(charge, "amount_refunded"), at));
    }

    static List<BillingFact> disputed(JsonNode dispute, Instant at) {
        String payment = id(dispute, "payment_intent");
        String status = need(dispute, "status");
        // A bank's question, and a dispute that was prevented, move no money; should they become a dispute, it is told
        // then.
        if (payment == null || status.startsWith("warning_") || status.equals("prevented")) {
            return List.of();
        }
        DisputeOutcome outcome = switch (status) {
            case "needs_response", "under_review" -> DisputeOutcome.OPEN;
            // Of old versions: the money was returned before, which its refund tells.
            case "won", "charge_refunded" -> DisputeOutcome.WON;
            case "lost" -> DisputeOutcome.LOST;
            default -> throw new InvalidEventException("A dispute has a status that is not known here.");
        };
        return List.of(new Disputed(payment, needAmount(dispute, "amount"), outcome, at));
    }
}
