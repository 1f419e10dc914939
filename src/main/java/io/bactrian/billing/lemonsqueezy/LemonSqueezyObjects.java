package io.bactrian.billing.lemonsqueezy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.OutsideText;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.SubscriptionStatus;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What Lemon Squeezy's JSON:API objects say, as events and answers have them. */
final class LemonSqueezyObjects {
    private LemonSqueezyObjects() {}

    private static @Nullable String text(JsonNode node, String pointer) {
        JsonNode found = node.at("/" + pointer);
        return (found.isTextual() || found.isIntegralNumber())
                        && !found.asText().isBlank()
                ? OutsideText.clean(found.asText())
                : null;
    }

    static String need(JsonNode node, String pointer) {
        String found = text(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
    }

    private static InvalidEventException missing(String field) {
        return new InvalidEventException(
                "What Lemon Squeezy says lacks the field " + field + ", or it is of another type.");
    }

    private static @Nullable Instant time(JsonNode node, String pointer) {
        String text = text(node, pointer);
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException malformed) {
            throw missing(pointer);
        }
    }

    private static Instant needTime(JsonNode node, String pointer) {
        Instant found = time(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException another) {
            return null;
        }
    }

    /** When the object was as it is told of. */
    static Instant changed(JsonNode object) {
        Instant updated = time(object, "attributes/updated_at");
        return updated != null ? updated : needTime(object, "attributes/created_at");
    }

    private static Owner owner(JsonNode custom, JsonNode object, @Nullable String subscription) {
        return new Owner(
                uuid(text(custom, "account_id")),
                uuid(text(custom, "checkout_id")),
                text(object, "attributes/customer_id"),
                subscription);
    }

    /** @param at when this was its state; null for one that was asked for just now */
    static SubscriptionState subscription(JsonNode object, JsonNode custom, @Nullable Instant at) {
        String id = need(object, "id");
        String word = need(object, "attributes/status");
        SubscriptionStatus status = status(word);
        Instant ends = time(object, "attributes/ends_at");
        Instant trialEnds = status == SubscriptionStatus.TRIALING ? time(object, "attributes/trial_ends_at") : null;
        return new SubscriptionState(
                id,
                owner(custom, object, id),
                text(object, "attributes/variant_id"),
                text(custom, "plan_id"),
                object.at("/attributes/first_subscription_item/quantity").asInt(1),
                status,
                status == SubscriptionStatus.TRIALING ? needTime(object, "attributes/created_at") : null,
                ends != null ? ends : trialEnds != null ? trialEnds : time(object, "attributes/renews_at"),
                word.equals("cancelled"),
                paymentMethod(object),
                needTime(object, "attributes/created_at"),
                status == SubscriptionStatus.ENDED ? (ends != null ? ends : changed(object)) : null,
                at);
    }

    private static @Nullable String paymentMethod(JsonNode object) {
        String digits = text(object, "attributes/card_last_four");
        if (digits != null && digits.matches("[0-9]{4}")) {
            return "card_ending_" + digits;
        }
        return "paypal".equals(text(object, "attributes/payment_processor")) ? "paypal" : null;
    }

    /** An address that a browser may be sent to, or null. */
    static @Nullable String webAddress(JsonNode object, String pointer) {
        String url = text(object, pointer);
        return url != null && (url.startsWith("https://") || url.startsWith("http://")) ? url : null;
    }

    /** Cancelled is what is paid for to the end of its period, and not renewed. */
    private static SubscriptionStatus status(String word) {
        return switch (word) {
            case "on_trial" -> SubscriptionStatus.TRIALING;
            case "active", "cancelled" -> SubscriptionStatus.ACTIVE;
            case "paused" -> SubscriptionStatus.PAUSED;
            case "past_due" -> SubscriptionStatus.PAST_DUE;
            case "unpaid" -> SubscriptionStatus.UNPAID;
            case "expired" -> SubscriptionStatus.ENDED;
            default -> throw new InvalidEventException("A subscription has a status that is not known here.");
        };
    }

    static InvoiceState invoice(JsonNode object, JsonNode custom) {
        String id = need(object, "id");
        String subscription = need(object, "attributes/subscription_id");
        Instant created = needTime(object, "attributes/created_at");
        InvoiceStatus status = invoiceStatus(need(object, "attributes/status"));
        need(object, "attributes/total");
        long total = amount(object, "total");
        long refunded = amount(object, "refunded_amount");
        return new InvoiceState(
                id,
                owner(custom, object, subscription),
                subscription,
                null,
                null,
                "LS-" + id,
                "Subscription",
                reason(need(object, "attributes/billing_reason")),
                status,
                total,
                status == InvoiceStatus.REFUNDED && refunded == 0 ? total : refunded,
                need(object, "attributes/currency").toUpperCase(Locale.ROOT),
                null,
                null,
                created,
                created,
                // Not said; an invoice changes when it is paid, and once more when its money is returned.
                status == InvoiceStatus.PAID ? changed(object) : null,
                webAddress(object, "attributes/urls/invoice_url"),
                changed(object));
    }

    private static long amount(JsonNode object, String field) {
        JsonNode found = object.path("attributes").path(field);
        if (!found.isMissingNode() && !found.isNull() && (!found.canConvertToLong() || found.asLong() < 0)) {
            throw missing(field);
        }
        return found.asLong();
    }

    private static InvoiceReason reason(String word) {
        return switch (word) {
            case "initial" -> InvoiceReason.FIRST;
            case "renewal" -> InvoiceReason.RENEWAL;
            default -> InvoiceReason.CHANGE;
        };
    }

    private static InvoiceStatus invoiceStatus(String word) {
        return switch (word) {
            case "pending" -> InvoiceStatus.OPEN;
            case "paid" -> InvoiceStatus.PAID;
            case "void" -> InvoiceStatus.VOID;
            case "refunded" -> InvoiceStatus.REFUNDED;
            case "partial_refund" -> InvoiceStatus.PARTIALLY_REFUNDED;
            default -> throw new InvalidEventException("An invoice has a status that is not known here.");
        };
    }
}
