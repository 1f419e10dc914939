package io.bactrian.billing.stripe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.EventReader;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
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
 * <p>A signature counts for 300 seconds before and after its time, by the clock that is given. Beside a key of live mode,
 * events of test mode, in which cards of the documentation pay, are refused though their secret is known.
 */
public final class StripeEvents implements EventReader {
    private static final String HEADER = "Stripe-Signature";
    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final Pattern TIME = Pattern.compile("t=([1-9][0-9]{0,10})");

    private final List<String> secrets;
    private final ObjectReader json;
    private final Clock clock;
    private final boolean live;

    /** @param secrets what events are signed with; while they are changed, several with commas between them */
    public StripeEvents(String secrets, ObjectMapper json, Clock clock) {
        this(secrets, json, clock, false);
    }

    /** @param live whether money moves, so that only events of live mode count */
    StripeEvents(String secrets, ObjectMapper json, Clock clock, boolean live) {
        this.secrets = Arrays.stream(secrets.split(",", -1))
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .toList();
        this.json = json.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        this.clock = clock;
        this.live = live;
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
        Instant signedAt = signedAt(signature);
        String text = text(body);
        if (secrets.stream().noneMatch(secret -> signed(text, signature, secret))) {
            throw new InvalidEventException("The signature in " + HEADER
                    + " is wrong: it is not of this body by this service's webhook secret.");
        }
        if (Duration.between(signedAt, clock.instant()).abs().compareTo(TOLERANCE) > 0) {
            throw new InvalidEventException("The signature in " + HEADER
                    + " is more than 300 seconds old or in the future: send the event again, or correct the clock.");
        }
        JsonNode event = read(text);
        if (live && !event.path("livemode").asBoolean()) {
            throw new InvalidEventException(
                    "The event is of Stripe's test mode, and bactrian.billing.stripe.api-key is of live mode.");
        }
        return new ProviderMessage(
                Provider.STRIPE,
                StripeObjects.needId(event, "id"),
                StripeObjects.needId(event, "type"),
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

    /** The one time of the header: of two, or of one in another form, the library might have checked another than this does. */
    private static Instant signedAt(String signature) {
        List<String> times = Arrays.stream(signature.split(",", -1))
                .filter(item -> item.startsWith("t="))
                .toList();
        Matcher time = TIME.matcher(times.size() == 1 ? times.getFirst() : "");
        if (!time.matches()) {
            throw new InvalidEventException("The signature in " + HEADER + " has no time, or more than one.");
        }
        return Instant.ofEpochSecond(Long.parseLong(time.group(1)));
    }

    /** Strictly, so that no two bodies have the same text and with it the same signature. */
    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new InvalidEventException("The event is not UTF-8.");
        }
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
            // The events of a refund tell of that one alone; the charge tells the sum of all.
            case "charge.refunded" -> StripeObjects.refunded(object, at);
            case "charge.dispute.created",
                    "charge.dispute.updated",
                    "charge.dispute.closed",
                    "charge.dispute.funds_withdrawn",
                    "charge.dispute.funds_reinstated" -> StripeObjects.disputed(object, at);
            default -> List.of();
        };
    }
}
