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
    /** Calendars and the database know later times, and nobody is paid until then. */
    private static final Instant LATEST = Instant.parse("9000-01-01T00:00:00Z");

    private LemonSqueezyObjects() {}

    private static @Nullable String text(JsonNode node, String pointer) {
        JsonNode found = node.at("/" + pointer);
        if (!found.isTextual() && !found.isIntegralNumber()) {
            return null;
        }
        String text = found.asText();
        return !text.isBlank() && text.length() <= OutsideText.LINE && OutsideText.isClean(text) ? text : null;
    }

    /** What identifies something, and is indexed. */
    private static @Nullable String id(JsonNode node, String pointer) {
        String found = text(node, pointer);
        return found != null && found.length() <= OutsideText.KEY ? found : null;
    }

    private static String needId(JsonNode node, String pointer) {
        String found = id(node, pointer);
        if (found == null) {
            throw missing(pointer);
        }
        return found;
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
            Instant time = text == null ? null : OffsetDateTime.parse(text).toInstant();
            if (time != null && (time.isBefore(Instant.EPOCH) || time.isAfter(LATEST))) {
                throw missing(pointer);
            }
            return time;
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

    /** Whether an event, or its object, is of test mode; not said is said to be live. */
    static boolean isTest(JsonNode event) {
        return flag(event, "meta/test_mode") || flag(event, "data/attributes/test_mode");
    }

    private static boolean flag(JsonNode node, String pointer) {
        JsonNode found = node.at("/" + pointer);
        if (!found.isMissingNode() && !found.isNull() && !found.isBoolean()) {
            throw missing(pointer);
        }
        return found.asBoolean();
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
                id(object, "attributes/customer_id"),
                subscription);
    }

    /**
     * Reads a subscription.
     *
     * @param named whether its custom data name the plan; whoever follows a public link to a checkout may write there what they
     *     like
     * @param at when this was its state; null for one that was asked for just now
     */
    static SubscriptionState subscription(JsonNode object, JsonNode custom, boolean named, @Nullable Instant at) {
        String id = needId(object, "id");
        String word = need(object, "attributes/status");
        SubscriptionStatus status = status(word);
        Instant ends = time(object, "attributes/ends_at");
        return new SubscriptionState(
                id,
                owner(custom, object, id),
                needId(object, "attributes/variant_id"),
                named ? id(custom, "plan_id") : null,
                quantity(object),
                status,
                status == SubscriptionStatus.TRIALING ? needTime(object, "attributes/created_at") : null,
                periodEnd(object, status, word),
                word.equals("cancelled"),
                paymentMethod(object),
                needTime(object, "attributes/created_at"),
                status == SubscriptionStatus.ENDED ? (ends != null ? ends : changed(object)) : null,
                at);
    }

    /**
     * When what is paid for ends; null where the object does not say. While a payment is tried again, {@code renews_at} is the
     * time of the next attempt, and while none is collected, it goes on without being paid for.
     */
    private static @Nullable Instant periodEnd(JsonNode object, SubscriptionStatus status, String word) {
        Instant renews = time(object, "attributes/renews_at");
        Instant told = switch (status) {
            case TRIALING -> time(object, "attributes/trial_ends_at");
            case ENDED -> time(object, "attributes/ends_at");
            case ACTIVE -> word.equals("cancelled") ? time(object, "attributes/ends_at") : renews;
            case INCOMPLETE, PAST_DUE, PAUSED, UNPAID -> null;
        };
        return told == null && (status == SubscriptionStatus.TRIALING || status == SubscriptionStatus.ACTIVE)
                ? renews
                : told;
    }

    private static int quantity(JsonNode object) {
        JsonNode found = object.at("/attributes/first_subscription_item/quantity");
        if (!found.isMissingNode()
                && !found.isNull()
                && (!found.isIntegralNumber() || !found.canConvertToInt() || found.intValue() < 0)) {
            throw missing("attributes/first_subscription_item/quantity");
        }
        return found.asInt(1);
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
        String id = needId(object, "id");
        String subscription = needId(object, "attributes/subscription_id");
        Instant created = needTime(object, "attributes/created_at");
        InvoiceStatus status = invoiceStatus(need(object, "attributes/status"));
        long total = amount(object, "total", true);
        long refunded = amount(object, "refunded_amount", false);
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
                currency(object),
                null,
                null,
                created,
                created,
                // Not said; an invoice changes when it is paid, and once more when its money is returned.
                status == InvoiceStatus.PAID ? changed(object) : null,
                webAddress(object, "attributes/urls/invoice_url"),
                changed(object));
    }

    private static long amount(JsonNode object, String field, boolean needed) {
        JsonNode found = object.path("attributes").path(field);
        if (!needed && (found.isMissingNode() || found.isNull())) {
            return 0;
        }
        if (!found.isIntegralNumber() || !found.canConvertToLong() || found.longValue() < 0) {
            throw missing("attributes/" + field);
        }
        return found.longValue();
    }

    private static String currency(JsonNode object) {
        String found = need(object, "attributes/currency");
        if (!found.matches("[A-Za-z]{3}")) {
            throw missing("attributes/currency");
        }
        return found.toUpperCase(Locale.ROOT);
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
