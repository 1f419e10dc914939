package io.bactrian.billing.lemonsqueezy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.OutsideText;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.ProviderMessage;
import io.bactrian.billing.SubscriptionStatus;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LemonSqueezyEventsTest {
    private static final UUID ACCOUNT = UUID.fromString("0b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d11");
    private static final UUID CHECKOUT = UUID.fromString("5b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d12");
    private static final Owner OWNER = new Owner(ACCOUNT, CHECKOUT, "7", "9");
    private static final Instant CREATED = Instant.parse("2026-01-12T13:47:28Z");
    private static final Instant UPDATED = Instant.parse("2026-01-13T10:00:00Z");
    private static final Instant NEXT = Instant.parse("2026-02-12T13:47:28Z");

    private final LemonSqueezyEvents events = new LemonSqueezyEvents("new-secret, old-secret", new ObjectMapper());

    private static String event(String name, String type, String id, String attributes) {
        return """
                {"meta": {"test_mode": false, "event_name": "%s",
                          "custom_data": {"account_id": "%s", "checkout_id": "%s", "plan_id": "professional"}},
                 "data": {"type": "%s", "id": "%s", "attributes": %s}}""".formatted(name, ACCOUNT, CHECKOUT, type, id, attributes);
    }

    private static String subscription(String status, String more) {
        return """
                {"store_id": 1, "customer_id": 7, "order_id": 3, "variant_id": 42, "status": "%s",
                 "card_brand": "visa", "card_last_four": "4242", "payment_processor": "stripe", "pause": null,
                 "first_subscription_item": {"id": 1, "quantity": 1},
                 "urls": {"customer_portal": "https://my-store.lemonsqueezy.com/billing?signature=x"},
                 "renews_at": "2026-02-12T13:47:28.000000Z", "ends_at": null, "trial_ends_at": null,
                 "created_at": "2026-01-12T13:47:28.000000Z", "updated_at": "2026-01-13T10:00:00.000000Z"%s}""".formatted(status, more);
    }

    private static String invoice(String reason, String status, long refunded) {
        return """
                {"store_id": 1, "subscription_id": 9, "customer_id": 7, "billing_reason": "%s", "status": "%s",
                 "currency": "USD", "total": 2999, "refunded_amount": %d,
                 "urls": {"invoice_url": "https://app.lemonsqueezy.com/my-orders/1/subscription-invoice/5"},
                 "created_at": "2026-01-12T13:47:28.000000Z", "updated_at": "2026-01-13T10:00:00.000000Z"}""".formatted(reason, status, refunded);
    }

    private static String hmac(String secret, String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String signed(String body) {
        return new String(
                LemonSqueezyEvents.signature(body.getBytes(StandardCharsets.UTF_8), "new-secret"),
                StandardCharsets.UTF_8);
    }

    private ProviderMessage verify(String body, @Nullable String signature) {
        return events.verify(
                body.getBytes(StandardCharsets.UTF_8), name -> name.equals("X-Signature") ? signature : null);
    }

    private SubscriptionState state(String attributes) {
        return (SubscriptionState) events.facts(event("subscription_updated", "subscriptions", "9", attributes))
                .getFirst();
    }

    private InvoiceState invoiceState(String attributes) {
        return (InvoiceState)
                events.facts(event("subscription_payment_success", "subscription-invoices", "5", attributes))
                        .getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"new-secret", "old-secret"})
    void takesEventsThatAreSignedWithOneOfItsSecrets(String secret) throws GeneralSecurityException {
        String body = event("subscription_created", "subscriptions", "9", subscription("active", ""));

        ProviderMessage message = verify(body, hmac(secret, body));

        assertThat(message.type()).isEqualTo("subscription_created");
        assertThat(message.created()).isEqualTo(UPDATED);
        assertThat(message.body()).isEqualTo(body);
        assertThat(message.id()).matches("[0-9a-f]{64}");
        assertThat(verify(body, hmac("new-secret", body)).id()).isEqualTo(message.id());
    }

    @Test
    void refusesEventsWithoutOrWithAnotherSignature() throws GeneralSecurityException {
        String body = event("subscription_created", "subscriptions", "9", subscription("active", ""));
        String right = hmac("new-secret", body);

        assertThatThrownBy(() -> verify(body, null)).isInstanceOf(InvalidEventException.class);
        for (String wrong : List.of("", "no hex", hmac("another", body), right.substring(2))) {
            assertThatThrownBy(() -> verify(body, wrong))
                    .isInstanceOf(InvalidEventException.class)
                    .hasMessageNotContaining(right);
        }
        assertThatThrownBy(() -> verify(body + " ", right)).isInstanceOf(InvalidEventException.class);
    }

    @Test
    void refusesSignaturesOfOtherLengthsAndBodiesThatDifferByAByte() throws GeneralSecurityException {
        String body = event("subscription_created", "subscriptions", "9", subscription("active", ""));
        String right = hmac("new-secret", body);

        for (int length = 0; length < right.length(); length++) {
            String shorter = right.substring(0, length);
            assertThatThrownBy(() -> verify(body, shorter)).isInstanceOf(InvalidEventException.class);
        }
        for (String longer : List.of(right + "0", right + right, "sha256=" + right, right + "\u0000")) {
            assertThatThrownBy(() -> verify(body, longer)).isInstanceOf(InvalidEventException.class);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        for (int index = 0; index < bytes.length; index++) {
            byte[] changed = bytes.clone();
            changed[index] ^= 1;
            assertThatThrownBy(() -> events.verify(changed, name -> right))
                    .as("byte %d", index)
                    .isInstanceOf(InvalidEventException.class)
                    .hasMessageStartingWith("The signature in X-Signature is wrong");
        }
    }

    @Test
    void takesSignaturesInCapitals() throws GeneralSecurityException {
        String body = event("subscription_created", "subscriptions", "9", subscription("active", ""));

        assertThat(verify(body, hmac("new-secret", body).toUpperCase(Locale.ROOT))
                        .id())
                .isEqualTo(verify(body, hmac("new-secret", body)).id());
    }

    @Test
    void takesTheSameBytesForOneEventAndTwoUpdatesForTwo() {
        String first = event("subscription_updated", "subscriptions", "9", subscription("active", ""));
        String second = first.replace("2026-01-13T10:00:00", "2026-01-13T10:00:01");
        String ofAnotherName = first.replace("subscription_updated", "subscription_resumed");

        assertThat(List.of(first, first, second, ofAnotherName))
                .extracting(body -> verify(body, signed(body)).id())
                .satisfies(ids -> assertThat(Set.copyOf(ids)).hasSize(3));
    }

    @Test
    void refusesEverythingWhereNoSecretIsSet() throws GeneralSecurityException {
        String body = event("subscription_created", "subscriptions", "9", subscription("active", ""));
        String signature = hmac("x", body);

        assertThatThrownBy(() -> new LemonSqueezyEvents(" , ", new ObjectMapper())
                        .verify(body.getBytes(StandardCharsets.UTF_8), name -> signature))
                .isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no json", "[]", "null", "{\"meta\": {\"event_name\": \"order_created\"}}"})
    void refusesSignedBodiesThatAreNoEvents(String body) throws GeneralSecurityException {
        String signature = hmac("new-secret", body);

        assertThatThrownBy(() -> verify(body, signature)).isInstanceOf(InvalidEventException.class);
    }

    /** Signed, as nobody but Lemon Squeezy can sign, and hostile all the same. */
    static Stream<String> hostileBodies() {
        String body = event("subscription_updated", "subscriptions", "9", subscription("active", ""));
        return Stream.of(
                "",
                body + "\u0000",
                "\u0000" + body,
                body.substring(0, body.length() - 1),
                "[".repeat(100_000),
                "{\"meta\":".repeat(5_000) + "1" + "}".repeat(5_000),
                body.replace("\"meta\": {", "\"meta\": {\"n\": " + "9".repeat(100_000) + ", "),
                body.replace("\"subscription_updated\"", "\"subscription\\u0000updated\""),
                body.replace("\"subscription_updated\"", "\"" + "x".repeat(3_000) + "\""),
                body.replace("\"subscription_updated\"", "true"),
                body.replace("\"subscription_updated\"", "[\"subscription_updated\"]"),
                body.replaceAll("2026-01-1[0-9]T[0-9:.]+Z", "+999999999-12-31T23:59:59-18:00"),
                body.replaceAll("2026-01-1[0-9]T[0-9:.]+Z", "-999999999-01-01T00:00:00+18:00"));
    }

    @ParameterizedTest
    @MethodSource("hostileBodies")
    void refusesHostileBodiesWithASentence(String body) throws GeneralSecurityException {
        String signature = hmac("new-secret", body);

        assertThatThrownBy(() -> verify(body, signature))
                .isInstanceOf(InvalidEventException.class)
                .message()
                .endsWith(".")
                .hasSizeLessThan(200);
    }

    static Stream<Arguments> hostileFields() {
        List<String> hostile = List.of(
                "{}",
                "[]",
                "[1]",
                "true",
                "1.5",
                "-1",
                "1e400",
                "9".repeat(999),
                "\"a\\u0000b\"",
                "\"\\ud800\"",
                "\"" + "x".repeat(100_000) + "\"");
        return Stream.of(
                        "id",
                        "status",
                        "variant_id",
                        "customer_id",
                        "quantity",
                        "card_last_four",
                        "payment_processor",
                        "first_subscription_item",
                        "urls",
                        "renews_at",
                        "created_at",
                        "updated_at",
                        "test_mode",
                        "subscription_id",
                        "billing_reason",
                        "currency",
                        "total",
                        "refunded_amount",
                        "custom_data",
                        "account_id",
                        "plan_id",
                        "attributes",
                        "data",
                        "meta")
                .flatMap(field -> hostile.stream().map(value -> Arguments.of(field, value)));
    }

    /** Either the field is of no use to anybody, or there is a sentence; what is read can be stored. */
    @ParameterizedTest
    @MethodSource("hostileFields")
    void readsNothingOutOfFieldsOfOtherTypes(String field, String value) {
        String any = "\"" + field + "\": (\"[^\"]*\"|[0-9]+|true|false|null)";
        for (String body : List.of(
                event("subscription_updated", "subscriptions", "9", subscription("active", "")),
                event("subscription_payment_failed", "subscription-invoices", "5", invoice("renewal", "pending", 0)))) {
            String changed = body.replaceAll(any, Matcher.quoteReplacement("\"" + field + "\": " + value));
            if (changed.equals(body)) {
                changed = body.replace("\"" + field + "\": {", "\"" + field + "\": " + value + ", \"other\": {");
            }
            try {
                for (BillingFact fact : events.facts(changed)) {
                    assertThat(OutsideText.isClean(fact.toString())).isTrue();
                    assertThat(fact.toString()).hasSizeLessThan(6_000);
                }
            } catch (InvalidEventException refused) {
                assertThat(refused.getMessage()).endsWith(".").hasSizeLessThan(300);
            }
        }
    }

    @Test
    void takesEventsOfTestModeOnlyWithAKeyOfTestMode() {
        String live = event("subscription_updated", "subscriptions", "9", subscription("active", ""));
        List<String> test = List.of(
                live.replace("\"test_mode\": false", "\"test_mode\": true"),
                live.replace("\"store_id\"", "\"test_mode\": true, \"store_id\""));
        LemonSqueezyEvents withTestKey = new LemonSqueezyEvents("secret", new ObjectMapper(), () -> true);
        LemonSqueezyEvents withLiveKey = new LemonSqueezyEvents("secret", new ObjectMapper(), () -> false);

        for (String body : test) {
            assertThat(withTestKey.facts(body)).isEqualTo(withLiveKey.facts(live));
            for (LemonSqueezyEvents reader : List.of(events, withLiveKey)) {
                assertThatThrownBy(() -> reader.facts(body))
                        .isInstanceOf(InvalidEventException.class)
                        .hasMessageContaining("test mode")
                        .hasMessageContaining("bactrian.billing.lemonsqueezy.api-key");
            }
        }
    }

    @Test
    void asksForTheModeOfTheKeyOnlyWhereAnEventIsOfTestMode() {
        LemonSqueezyEvents reader = new LemonSqueezyEvents("secret", new ObjectMapper(), () -> {
            throw new IllegalStateException("asked");
        });
        String live = event("subscription_updated", "subscriptions", "9", subscription("active", ""));

        assertThat(reader.facts(live)).hasSize(1);
        assertThat(reader.facts(live.replace("\"test_mode\": false, ", ""))).hasSize(1);
        assertThat(reader.facts(event("order_created", "orders", "1", "{\"test_mode\": true}")))
                .isEmpty();
        assertThatThrownBy(() -> reader.facts(live.replace("\"test_mode\": false", "\"test_mode\": true")))
                .hasMessage("asked");
    }

    /** A store's public links take custom data from whoever follows them. */
    @Test
    void believesThePlanThatCustomDataNameInTheSandboxAlone() {
        String body = event("subscription_updated", "subscriptions", "9", subscription("active", ""));

        assertThat(((SubscriptionState) events.facts(body).getFirst()).plan()).isNull();
        assertThat(((SubscriptionState) LemonSqueezyEvents.ofSandbox("secret", new ObjectMapper())
                                .facts(body)
                                .getFirst())
                        .plan())
                .isEqualTo("professional");
    }

    /** While a payment is tried again, {@code renews_at} is the time of the next attempt. */
    @ParameterizedTest
    @ValueSource(strings = {"past_due", "unpaid", "paused"})
    void readsNoEndOfThePaidPeriodWhileNothingIsPaid(String status) {
        assertThat(state(subscription(status, "")).periodEnd()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"created", "updated", "cancelled", "resumed", "expired", "paused", "unpaused", "plan_changed"})
    void readsTheSubscriptionOfItsEvents(String what) {
        assertThat(events.facts(event("subscription_" + what, "subscriptions", "9", subscription("active", ""))))
                .containsExactly(new SubscriptionState(
                        "9",
                        OWNER,
                        "42",
                        null,
                        1,
                        SubscriptionStatus.ACTIVE,
                        null,
                        NEXT,
                        false,
                        "card_ending_4242",
                        CREATED,
                        null,
                        UPDATED));
    }

    @ParameterizedTest
    @CsvSource({"active,ACTIVE", "paused,PAUSED", "past_due,PAST_DUE", "unpaid,UNPAID"})
    void readsTheStatusOfASubscription(String status, SubscriptionStatus expected) {
        assertThat(state(subscription(status, "")).status()).isEqualTo(expected);
    }

    @Test
    void readsACancelledSubscriptionAsOneThatEndsWithItsPeriod() {
        SubscriptionState state = state(subscription("cancelled", ", \"ends_at\": \"2026-02-01T00:00:00.000000Z\""));

        assertThat(state.status()).isEqualTo(SubscriptionStatus.ACTIVE);
        assertThat(state.cancelAtPeriodEnd()).isTrue();
        assertThat(state.periodEnd()).isEqualTo("2026-02-01T00:00:00Z");
        assertThat(state.ended()).isNull();
    }

    @Test
    void readsAnExpiredSubscriptionAsEnded() {
        SubscriptionState state = state(subscription("expired", ", \"ends_at\": \"2026-01-12T20:00:00.000000Z\""));

        assertThat(state.status()).isEqualTo(SubscriptionStatus.ENDED);
        assertThat(state.ended()).isEqualTo("2026-01-12T20:00:00Z");
        assertThat(state(subscription("expired", "")).ended()).isEqualTo(UPDATED);
    }

    @Test
    void readsTheTrialAsThePeriodOfASubscriptionOnTrial() {
        SubscriptionState state =
                state(subscription("on_trial", ", \"trial_ends_at\": \"2026-01-19T13:47:28.000000Z\""));

        assertThat(state.status()).isEqualTo(SubscriptionStatus.TRIALING);
        assertThat(state.periodStart()).isEqualTo(CREATED);
        assertThat(state.periodEnd()).isEqualTo("2026-01-19T13:47:28Z");
    }

    @Test
    void namesPayPalAsTheMeansOfPayment() {
        String paypal = ", \"card_last_four\": \"\", \"payment_processor\": \"paypal\"";

        assertThat(state(subscription("active", paypal)).paymentMethod()).isEqualTo("paypal");
        assertThat(state(subscription("active", ", \"card_last_four\": null")).paymentMethod())
                .isNull();
    }

    @Test
    void leavesOutOwnersThatOthersHaveWritten() {
        String body = event("subscription_updated", "subscriptions", "9", subscription("active", ""))
                .replace(ACCOUNT.toString(), "somebody")
                .replace(CHECKOUT.toString(), "something");

        assertThat(((SubscriptionState) events.facts(body).getFirst()).owner())
                .isEqualTo(new Owner(null, null, "7", "9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"success", "recovered", "refunded"})
    void readsTheInvoiceOfPayments(String what) {
        assertThat(events.facts(event(
                        "subscription_payment_" + what, "subscription-invoices", "5", invoice("renewal", "paid", 0))))
                .containsExactly(new InvoiceState(
                        "5",
                        OWNER,
                        "9",
                        null,
                        null,
                        "LS-5",
                        "Subscription",
                        InvoiceReason.RENEWAL,
                        InvoiceStatus.PAID,
                        2999,
                        0,
                        "USD",
                        null,
                        null,
                        CREATED,
                        CREATED,
                        UPDATED,
                        "https://app.lemonsqueezy.com/my-orders/1/subscription-invoice/5",
                        UPDATED));
    }

    @ParameterizedTest
    @CsvSource({"initial,FIRST", "renewal,RENEWAL", "updated,CHANGE"})
    void readsWhyThereIsAnInvoice(String reason, InvoiceReason expected) {
        assertThat(invoiceState(invoice(reason, "paid", 0)).reason()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "pending,0,OPEN,0",
        "void,0,VOID,0",
        "partial_refund,1000,PARTIALLY_REFUNDED,1000",
        "refunded,2999,REFUNDED,2999",
        "refunded,0,REFUNDED,2999"
    })
    void readsTheStatusOfAnInvoiceAndWhatWasReturned(
            String status, long amount, InvoiceStatus expected, long refunded) {
        InvoiceState state = invoiceState(invoice("renewal", status, amount));

        assertThat(state.status()).isEqualTo(expected);
        assertThat(state.refunded()).isEqualTo(refunded);
        assertThat(state.paid()).isNull();
    }

    @Test
    void tellsOfAPaymentThatHasFailed() {
        List<BillingFact> facts = events.facts(
                event("subscription_payment_failed", "subscription-invoices", "5", invoice("renewal", "pending", 0)));

        assertThat(facts).hasSize(2).element(1).isEqualTo(new PaymentFailed("5", OWNER, 2999, "USD", UPDATED));
        assertThat(facts.getFirst()).isInstanceOf(InvoiceState.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"order_created", "order_refunded", "license_key_created", "of_tomorrow"})
    void passesOverEventsThatChangeNothingHere(String name) {
        assertThat(events.facts(event(name, "orders", "1", "{}"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer_id", "quantity", "card_last_four", "trial_ends_at", "urls", "payment_processor"})
    void readsSubscriptionsWithoutWhatNoFactNeeds(String name) {
        assertThat(state(subscription("active", "").replace('"' + name + '"', "\"x\""))
                        .price())
                .isEqualTo("42");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "created_at", "variant_id"})
    void saysWhatASubscriptionLacks(String name) {
        String attributes = subscription("active", "").replace('"' + name + '"', "\"x\"");

        assertThatThrownBy(() -> state(attributes))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"subscription_id", "billing_reason", "status", "total", "currency", "created_at"})
    void saysWhatAnInvoiceLacks(String name) {
        String attributes = invoice("initial", "paid", 0).replace('"' + name + '"', "\"x\"");

        assertThatThrownBy(() -> invoiceState(attributes))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining(name);
    }

    @Test
    void refusesWhatItCannotUnderstand() {
        assertThatThrownBy(() -> state(subscription("of_tomorrow", ""))).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> state(subscription("active", ", \"ends_at\": \"soon\"")))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> invoiceState(invoice("initial", "of_tomorrow", 0)))
                .isInstanceOf(InvalidEventException.class);
    }
}
