package io.bactrian.billing.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.EventReader;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Stripe's events: those of API versions with a subscription's period on its items, and of the older ones.
 *
 * <p>A signature counts for 300 seconds before and after its time, by the clock that is given.
 */
public final class StripeEvents implements EventReader {
    private static final String HEADER = "Stripe-Signature";
    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final Pattern TIME = Pattern.compile("(?:^|,)t=(\\d{1,11})(?:,|$)");

    private final List<String> secrets;
    private final ObjectMapper json;
    private final Clock clock;

    /** @param secrets what events are signed with; while they are changed, several with commas between them */
    public StripeEvents(String secrets, ObjectMapper json, Clock clock) {
        this.secrets = Arrays.stream(secrets.split(",", -1))
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .toList();
        this.json = json;
        this.clock = clock;
    }

    @Override
    public Provider provider() {
        return Provider.STRIPE;
    }

    @Override
    public ProviderMessage verify(byte[] body, Function<String, @Nullable String> header) {
        String signature = header.apply(HEADER);
        if (signature == null || signature.isBlank()) {
            throw new InvalidEventException("The header " + HEADER + " is missing.");
        }
        String text = new String(body, StandardCharsets.UTF_8);
        if (secrets.stream().noneMatch(secret -> signed(text, signature, secret))) {
            throw new InvalidEventException("The signature in " + HEADER
                    + " is wrong: it is not of this body by this service's webhook secret.");
        }
        Instant signedAt = signedAt(signature);
        if (Duration.between(signedAt, clock.instant()).abs().compareTo(TOLERANCE) > 0) {
            throw new InvalidEventException("The signature in " + HEADER
                    + " is more than 300 seconds old, or of the future: send the event anew, or set the clock.");
        }
        JsonNode event = read(text);
        return new ProviderMessage(
                Provider.STRIPE,
                StripeObjects.need(event, "id"),
                StripeObjects.need(event, "type"),
                StripeObjects.needTime(event, "created"),
                text);
    }

    /** Whatever its time: that is checked where its refusal has words of its own. */
    private boolean signed(String text, String signature, String secret) {
        try {
            return Webhook.Signature.verifyHeader(text, signature, secret, 0, clock);
        } catch (SignatureVerificationException | RuntimeException refused) {
            // Headers that are no signatures make the library fail in several ways.
            return false;
        }
    }

    private static Instant signedAt(String signature) {
        Matcher time = TIME.matcher(signature);
        if (!time.find()) {
            throw new InvalidEventException("The signature in " + HEADER + " has no time.");
        }
        return Instant.ofEpochSecond(Long.parseLong(time.group(1)));
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new InvalidEventException("The event is not JSON.");
        }
    }

    @Override
    public List<BillingFact> facts(String body) {
        JsonNode event = read(body);
        String type = StripeObjects.need(event, "type");
        JsonNode object = event.path("data").path("object");
        Instant at = StripeObjects.needTime(event, "created");
        return switch (type) {
            case "checkout.session.completed",
                    "checkout.session.async_payment_succeeded",
                    "checkout.session.async_payment_failed",
                    "checkout.session.expired" -> List.of(StripeObjects.checkout(object, type, at));
            case "customer.subscription.created",
                    "customer.subscription.updated",
                    "customer.subscription.paused",
                    "customer.subscription.resumed",
                    "customer.subscription.trial_will_end" -> List.of(StripeObjects.subscription(object, false, at));
            case "customer.subscription.deleted" -> List.of(StripeObjects.subscription(object, true, at));
            case "invoice.created",
                    "invoice.finalized",
                    "invoice.paid",
                    "invoice.payment_succeeded",
                    "invoice.voided",
                    "invoice.marked_uncollectible",
                    "invoice.updated" -> List.of(StripeObjects.invoice(object, at));
            case "invoice.payment_failed" -> StripeObjects.failedInvoice(object, at);
            case "invoice_payment.paid" -> StripeObjects.invoicePayment(object, at);
            case "charge.refunded" -> StripeObjects.refunded(object, at);
            // A refund tells the sum of all only by its charge, which comes as an id unless it was expanded.
            case "refund.created", "refund.updated" -> StripeObjects.refunded(object.path("charge"), at);
            case "charge.dispute.created",
                    "charge.dispute.updated",
                    "charge.dispute.closed",
                    "charge.dispute.funds_withdrawn",
                    "charge.dispute.funds_reinstated" -> StripeObjects.disputed(object, at);
            default -> List.of();
        };
    }
}
