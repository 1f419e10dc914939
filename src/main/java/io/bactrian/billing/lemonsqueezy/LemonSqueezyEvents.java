package io.bactrian.billing.lemonsqueezy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.OutsideText;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.EventReader;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads Lemon Squeezy's events.
 *
 * <p>Its signature (HMAC-SHA256 of the body, in hexadecimal) has no time and its events no id, so an event is known by the
 * SHA-256 of its body: the same bytes are the same event, however often and late they come.
 *
 * <p>Events say whether they are of test mode, in which cards of the documentation pay. They count only where this service's
 * key is of test mode too.
 */
public final class LemonSqueezyEvents implements EventReader {
    private static final String HEADER = "X-Signature";

    private final List<String> secrets;
    private final ObjectMapper json;
    private final BooleanSupplier testMode;
    private final boolean sandbox;

    /**
     * Reads events of live mode alone.
     *
     * @param secrets what events are signed with; while they are changed, several with commas between them
     */
    public LemonSqueezyEvents(String secrets, ObjectMapper json) {
        this(secrets, json, () -> false, false);
    }

    /** @param testMode whether this service's key is of test mode; only asked when an event is */
    LemonSqueezyEvents(String secrets, ObjectMapper json, BooleanSupplier testMode) {
        this(secrets, json, testMode, false);
    }

    /** Reads the sandbox's events, which are of test mode and name plans where Lemon Squeezy's have variants. */
    public static LemonSqueezyEvents ofSandbox(String secrets, ObjectMapper json) {
        return new LemonSqueezyEvents(secrets, json, () -> true, true);
    }

    private LemonSqueezyEvents(String secrets, ObjectMapper json, BooleanSupplier testMode, boolean sandbox) {
        this.testMode = testMode;
        this.sandbox = sandbox;
        this.secrets = Arrays.stream(secrets.split(",", -1))
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .toList();
        this.json = json;
    }

    @Override
    public Provider provider() {
        return Provider.LEMONSQUEEZY;
    }

    @Override
    public ProviderMessage verify(byte[] body, Function<String, @Nullable String> header) {
        String signature = header.apply(HEADER);
        if (signature == null || signature.isBlank()) {
            throw new InvalidEventException("The header " + HEADER + " is missing.");
        }
        byte[] given = signature.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        if (secrets.stream().noneMatch(secret -> MessageDigest.isEqual(signature(body, secret), given))) {
            throw new InvalidEventException("The signature in " + HEADER
                    + " is wrong: it is not of this body by this service's webhook secret.");
        }
        String text = new String(body, StandardCharsets.UTF_8);
        if (!OutsideText.isClean(text)) {
            throw new InvalidEventException("The event is not JSON.");
        }
        JsonNode event = read(text);
        return new ProviderMessage(
                Provider.LEMONSQUEEZY,
                HexFormat.of().formatHex(sha256(body)),
                LemonSqueezyObjects.need(event, "meta/event_name"),
                LemonSqueezyObjects.changed(event.path("data")),
                text);
    }

    /** What Lemon Squeezy sends as the signature of a body. */
    public static byte[] signature(byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body)).getBytes(StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HmacSHA256.", e);
        }
    }

    private static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
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
        List<BillingFact> facts = facts(event);
        if (!facts.isEmpty() && LemonSqueezyObjects.isTest(event) && !testMode.getAsBoolean()) {
            throw new InvalidEventException(
                    "It is of Lemon Squeezy's test mode, in which no money moves, and bactrian.billing.lemonsqueezy.api-key is of"
                            + " live mode. Send events of test mode to a service that has a key of test mode.");
        }
        return facts;
    }

    private List<BillingFact> facts(JsonNode event) {
        JsonNode custom = event.at("/meta/custom_data");
        JsonNode object = event.path("data");
        return switch (LemonSqueezyObjects.need(event, "meta/event_name")) {
            case "subscription_created",
                    "subscription_updated",
                    "subscription_cancelled",
                    "subscription_resumed",
                    "subscription_expired",
                    "subscription_paused",
                    "subscription_unpaused",
                    "subscription_plan_changed" ->
                List.of(LemonSqueezyObjects.subscription(object, custom, sandbox, LemonSqueezyObjects.changed(object)));
            case "subscription_payment_success", "subscription_payment_recovered", "subscription_payment_refunded" ->
                List.of(LemonSqueezyObjects.invoice(object, custom));
            case "subscription_payment_failed" -> {
                InvoiceState invoice = LemonSqueezyObjects.invoice(object, custom);
                yield List.of(
                        invoice,
                        new PaymentFailed(
                                invoice.id(), invoice.owner(), invoice.amount(), invoice.currency(), invoice.at()));
            }
            // An order says nothing that the invoices and the subscription that come of it do not.
            default -> List.of();
        };
    }
}
