package io.bactrian.billing.stripe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.stripe.net.Webhook;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.DisputeOutcome;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import io.bactrian.billing.SubscriptionStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StripeEventsTest {
    private static final long NOW = 1_790_000_000L;
    private static final UUID ACCOUNT = UUID.fromString("0b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d11");
    private static final UUID CHECKOUT = UUID.fromString("5b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d12");
    private static final String OWNER =
            "{\"account_id\":\"%s\",\"checkout_id\":\"%s\",\"plan_id\":\"starter\"}".formatted(ACCOUNT, CHECKOUT);

    private final StripeEvents events = new StripeEvents(
            "whsec_new, whsec_old", new ObjectMapper(), Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC));

    private static String event(String type, String object) {
        return "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\",\"created\":%d,\"data\":{\"object\":%s}}"
                .formatted(type, NOW, object);
    }

    private ProviderMessage verify(String body, String secret, long at) throws GeneralSecurityException {
        String header = Webhook.Signature.generateSignatureHeader(body, secret, at);
        return events.verify(
                body.getBytes(StandardCharsets.UTF_8), name -> name.equals("Stripe-Signature") ? header : null);
    }

    private BillingFact fact(String type, String object) {
        return events.facts(event(type, object)).getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"whsec_new", "whsec_old"})
    void takesEventsThatAreSignedWithOneOfItsSecrets(String secret) throws GeneralSecurityException {
        String body = event("charge.refunded", "{}");

        assertThat(verify(body, secret, NOW - 300))
                .isEqualTo(new ProviderMessage(
                        Provider.STRIPE, "evt_1", "charge.refunded", Instant.ofEpochSecond(NOW), body));
    }

    @ParameterizedTest
    @ValueSource(longs = {NOW - 301, NOW + 301})
    void refusesSignaturesOfAnotherTime(long at) {
        assertThatThrownBy(() -> verify(event("charge.refunded", "{}"), "whsec_new", at))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("300 seconds");
    }

    @Test
    void refusesEventsOfTestModeBesideAKeyOfLiveMode() throws GeneralSecurityException {
        StripeEvents live = new StripeEvents(
                "whsec_new", new ObjectMapper(), Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC), true);
        String test = event("charge.refunded", "{}");
        String real = test.replace("{\"id\"", "{\"livemode\":true,\"id\"");
        String testSignature = Webhook.Signature.generateSignatureHeader(test, "whsec_new", NOW);
        String realSignature = Webhook.Signature.generateSignatureHeader(real, "whsec_new", NOW);

        assertThatThrownBy(() -> live.verify(test.getBytes(StandardCharsets.UTF_8), name -> testSignature))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("test mode");
        assertThat(live.verify(real.getBytes(StandardCharsets.UTF_8), name -> realSignature)
                        .body())
                .isEqualTo(real);
    }

    @Test
    void refusesAnotherSecretsSignature() {
        assertThatThrownBy(() -> verify(event("charge.refunded", "{}"), "whsec_other", NOW))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("wrong")
                .hasMessageNotContaining("whsec");
    }

    @Test
    void refusesABodyInWhichAnyOneByteIsAnother() throws GeneralSecurityException {
        // U+FFFD is what a lenient reader makes of every byte that is no UTF-8.
        String body = event("charge.refunded", "{\"description\":\"\uFFFD\"}");
        String header = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        assertThat(events.verify(bytes, name -> header).body()).isEqualTo(body);

        for (int place = 0; place < 2 * bytes.length; place++) {
            byte[] changed = bytes.clone();
            changed[place / 2] ^= (byte) (place % 2 == 0 ? 0x01 : 0x80);
            assertThatThrownBy(() -> events.verify(changed, name -> header))
                    .as("byte %d", place / 2)
                    .isInstanceOf(InvalidEventException.class);
        }
    }

    @Test
    void refusesABodyThatIsNoUtf8ThoughItReadsTheSame() throws GeneralSecurityException {
        String body = event("charge.refunded", "{\"description\":\"\uFFFD\"}");
        String header = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW);
        byte[] latin = body.replace('\uFFFD', '\u00FC').getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> events.verify(latin, name -> header))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void refusesAReplayAfterFiveMinutes() throws GeneralSecurityException {
        String body = event("charge.refunded", "{}");
        String header = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW);
        StripeEvents later = new StripeEvents(
                "whsec_new", new ObjectMapper(), Clock.fixed(Instant.ofEpochSecond(NOW + 301), ZoneOffset.UTC));

        assertThat(events.verify(body.getBytes(StandardCharsets.UTF_8), name -> header))
                .isEqualTo(events.verify(body.getBytes(StandardCharsets.UTF_8), name -> header));
        assertThatThrownBy(() -> later.verify(body.getBytes(StandardCharsets.UTF_8), name -> header))
                .isInstanceOf(InvalidEventException.class);
    }

    /** The library reads the first of these times, and a reader of the second would take the signature for a new one. */
    @ParameterizedTest
    @ValueSource(strings = {"t=+%d,t=%d,%s", "t=0000%d,t=%d,%s", "t=%d,t=%d,%s", "t=%2$d,%3$s,t=%1$d"})
    void refusesAnOldSignatureBesideANewTime(String form) throws GeneralSecurityException {
        String body = event("charge.refunded", "{}");
        String signature = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW - 9_000)
                .split(",", 2)[1];
        String header = form.formatted(NOW - 9_000, NOW, signature);

        assertThatThrownBy(() -> events.verify(body.getBytes(StandardCharsets.UTF_8), name -> header))
                .isInstanceOf(InvalidEventException.class);
    }

    @Test
    void takesOneOfSeveralSignaturesWhileStripeRollsItsSecret() throws GeneralSecurityException {
        String body = event("charge.refunded", "{}");
        String ours = Webhook.Signature.generateSignatureHeader(body, "whsec_old", NOW);
        String header = ours.replace(",v1=", ",v0=00,v1=" + "0".repeat(64) + ",v1=");

        assertThat(events.verify(body.getBytes(StandardCharsets.UTF_8), name -> header)
                        .id())
                .isEqualTo("evt_1");
    }

    @Test
    void refusesAnEventWithoutSignature() {
        byte[] body = event("charge.refunded", "{}").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> events.verify(body, name -> null))
                .isInstanceOf(InvalidEventException.class)
                .hasMessage("The header Stripe-Signature is missing.");
    }

    @Test
    void refusesEverythingWithoutASecret() throws GeneralSecurityException {
        StripeEvents none =
                new StripeEvents(" , ", new ObjectMapper(), Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC));
        String body = event("charge.refunded", "{}");
        String header = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW);

        assertThatThrownBy(() -> none.verify(body.getBytes(StandardCharsets.UTF_8), name -> header))
                .isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                ",,,",
                "=",
                "t",
                "v1",
                "t=,v1=",
                "t=-1,v1=00",
                "t=1e9,v1=00",
                "t=1790000000",
                "t=1790000000,v1",
                "t=1790000000,v1=",
                "t=1790000000,v0=00",
                "t=99999999999999999999,v1=00",
                "t=99999999999,v1=00",
                "v1=00",
                "T=1790000000,V1=00",
                "t=1790000000,v1=\u00fc"
            })
    void refusesHeadersThatAreNoSignatures(String header) {
        assertThatThrownBy(() -> events.verify(new byte[0], name -> header)).isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "7",
                "{",
                "{\"id\":1}",
                "{\"id\":\"evt_1\",\"type\":\"x\"}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":\"now\"}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":1e9}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":99999999999999999999999}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":-1}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":1} {}",
                "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":1}\u0000"
            })
    void refusesSignedBodiesThatAreNoEvents(String body) {
        assertThatThrownBy(() -> verify(body, "whsec_new", NOW)).isInstanceOf(InvalidEventException.class);
    }

    @Test
    void readsAPaidCheckout() {
        CheckoutEnded ended = (CheckoutEnded) fact(
                "checkout.session.completed",
                "{\"id\":\"cs_1\",\"mode\":\"payment\",\"payment_status\":\"paid\",\"amount_total\":1900,"
                        + "\"payment_intent\":\"pi_1\",\"customer\":\"cus_1\",\"metadata\":" + OWNER + "}");

        assertThat(ended.outcome()).isEqualTo(CheckoutOutcome.PAID);
        assertThat(ended.payment()).isEqualTo("pi_1");
        assertThat(ended.amount()).isEqualTo(1900);
        assertThat(ended.owner()).isEqualTo(new BillingFact.Owner(ACCOUNT, CHECKOUT, "cus_1", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"items\":{\"data\":[{\"current_period_start\":1,\"current_period_end\":2,\"price\":{\"id\":\"price_1\"}}]}",
                "\"current_period_start\":1,\"current_period_end\":2,\"items\":{\"data\":[{\"price\":{\"id\":\"price_1\"}}]}"
            })
    void readsTheSubscriptionsPeriodWhereEitherGenerationHasIt(String period) {
        SubscriptionState state = (SubscriptionState) fact(
                "customer.subscription.updated",
                "{\"id\":\"sub_1\",\"status\":\"active\",\"start_date\":1,\"customer\":\"cus_1\",\"cancel_at\":9,"
                        + period + ",\"metadata\":" + OWNER + "}");

        assertThat(state.periodStart()).isEqualTo(Instant.ofEpochSecond(1));
        assertThat(state.periodEnd()).isEqualTo(Instant.ofEpochSecond(2));
        assertThat(state.price()).isEqualTo("price_1");
        assertThat(state.plan()).isEqualTo("starter");
        assertThat(state.status()).isEqualTo(SubscriptionStatus.ACTIVE);
        assertThat(state.cancelAtPeriodEnd()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"parent\":{\"subscription_details\":{\"subscription\":\"sub_1\",\"metadata\":%s}},"
                        + "\"payments\":{\"data\":[{\"status\":\"paid\",\"payment\":{\"payment_intent\":\"pi_1\"}}]},"
                        + "\"lines\":{\"data\":[{\"amount\":-5},{\"amount\":9,\"period\":{\"start\":1,\"end\":2},"
                        + "\"pricing\":{\"price_details\":{\"price\":\"price_1\"}}}]}",
                "\"subscription\":\"sub_1\",\"subscription_details\":{\"metadata\":%s},\"payment_intent\":\"pi_1\","
                        + "\"lines\":{\"data\":[{\"amount\":-5},{\"amount\":9,\"period\":{\"start\":1,\"end\":2},"
                        + "\"price\":{\"id\":\"price_1\"}}]}"
            })
    void readsAChangesInvoiceOfEitherGeneration(String shape) {
        InvoiceState invoice = (InvoiceState) fact(
                "invoice.paid",
                "{\"id\":\"in_1\",\"status\":\"paid\",\"amount_due\":4,\"currency\":\"usd\",\"created\":1,"
                        + "\"billing_reason\":\"subscription_update\"," + shape.formatted(OWNER) + "}");

        assertThat(invoice.reason()).isEqualTo(InvoiceReason.CHANGE);
        assertThat(invoice.subscription()).isEqualTo("sub_1");
        assertThat(invoice.price()).isEqualTo("price_1");
        assertThat(invoice.payment()).isEqualTo("pi_1");
        assertThat(invoice.owner().account()).isEqualTo(ACCOUNT);
        assertThat(invoice.periodEnd()).isEqualTo(Instant.ofEpochSecond(2));
    }

    @Test
    void readsWhatWasReturnedOfACharge() {
        assertThat(fact(
                        "charge.refunded",
                        "{\"id\":\"ch_1\",\"payment_intent\":\"pi_1\",\"amount\":1900,\"amount_refunded\":900}"))
                .isEqualTo(new Refunded("pi_1", 1900, 900, Instant.ofEpochSecond(NOW)));
    }

    /** A session of Checkout, as an event of a type. */
    private CheckoutEnded ended(String type, String mode, String payment) {
        return (CheckoutEnded) fact("checkout.session." + type, """
                {"id": "cs_1", "object": "checkout.session", "mode": "%s", "payment_status": "%s", "amount_total": 1900,
                 "payment_intent": {"id": "pi_1", "object": "payment_intent"}, "subscription": "sub_1", "customer": null,
                 "client_reference_id": "%s", "metadata": {}}""".formatted(mode, payment, CHECKOUT));
    }

    @ParameterizedTest
    @CsvSource({
        "completed, paid, PAID, 1900",
        "completed, no_payment_required, PAID, 1900",
        "completed, unpaid, PENDING, 0",
        "async_payment_succeeded, paid, PAID, 1900",
        "async_payment_failed, unpaid, DECLINED, 0",
        "expired, unpaid, EXPIRED, 0"
    })
    void readsHowACheckoutEnded(String type, String payment, CheckoutOutcome outcome, long amount) {
        assertThat(ended(type, "payment", payment))
                .isEqualTo(new CheckoutEnded(
                        "cs_1",
                        new BillingFact.Owner(null, CHECKOUT, null, "sub_1"),
                        outcome,
                        "pi_1",
                        amount,
                        Instant.ofEpochSecond(NOW)));
    }

    @Test
    void leavesThePaymentsOfASubscriptionToItsInvoices() {
        assertThat(ended("completed", "subscription", "paid").payment()).isNull();
    }

    private static String subscription(String status, String more) {
        return """
                {"id": "sub_1", "object": "subscription", "status": "%s", "customer": {"id": "cus_1"}, "start_date": 1,
                 "cancel_at_period_end": false, "cancel_at": null, "items": {"data": [{"quantity": 3,
                  "current_period_start": 1, "current_period_end": 4102444800, "price": {"id": "price_1"}}]},
                 "metadata": {"account_id": "somebody else's"}%s}""".formatted(status, more);
    }

    @ParameterizedTest
    @CsvSource({
        "created, incomplete, INCOMPLETE",
        "created, trialing, TRIALING",
        "created, active, ACTIVE",
        "updated, active, ACTIVE",
        "updated, past_due, PAST_DUE",
        "updated, unpaid, UNPAID",
        "updated, incomplete_expired, ENDED",
        "updated, canceled, ENDED",
        "paused, paused, PAUSED",
        "resumed, active, ACTIVE",
        "trial_will_end, trialing, TRIALING",
        "deleted, canceled, ENDED",
        "deleted, active, ENDED"
    })
    void readsTheStatusOfASubscription(String type, String status, SubscriptionStatus read) {
        SubscriptionState state = (SubscriptionState) fact("customer.subscription." + type, subscription(status, ""));

        assertThat(state.status()).isEqualTo(read);
        assertThat(state.quantity()).isEqualTo(3);
        assertThat(state.owner()).isEqualTo(new BillingFact.Owner(null, null, "cus_1", "sub_1"));
        assertThat(state.periodEnd()).isEqualTo(Instant.parse("2100-01-01T00:00:00Z"));
        assertThat(state.cancelAtPeriodEnd()).isFalse();
        assertThat(state.at()).isEqualTo(Instant.ofEpochSecond(NOW));
        assertThat(state.ended()).isEqualTo(read == SubscriptionStatus.ENDED ? Instant.ofEpochSecond(NOW) : null);
    }

    @Test
    void readsWhenASubscriptionHasEnded() {
        SubscriptionState state = (SubscriptionState) fact(
                "customer.subscription.deleted", subscription("canceled", ", \"canceled_at\": 5, \"ended_at\": 7"));

        assertThat(state.ended()).isEqualTo(Instant.ofEpochSecond(7));
    }

    private static String invoice(String status, String reason, String more) {
        return """
                {"id": "in_1", "object": "invoice", "status": "%s", "billing_reason": "%s", "amount_due": 1900,
                 "currency": "usd", "created": 1, "number": "A-1", "customer": "cus_1", "due_date": null,
                 "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
                 "lines": {"data": [{"amount": 1900, "description": "1 x Starter", "period": {"start": 2, "end": 3},
                  "pricing": {"price_details": {"price": "price_1"}},
                  "parent": {"subscription_item_details": {"proration": false}}}]}%s}""".formatted(status, reason, more);
    }

    @ParameterizedTest
    @CsvSource({
        "created, draft, DRAFT",
        "finalized, open, OPEN",
        "updated, open, OPEN",
        "paid, paid, PAID",
        "payment_succeeded, paid, PAID",
        "voided, void, VOID",
        "marked_uncollectible, uncollectible, UNCOLLECTIBLE"
    })
    void readsTheStatusOfAnInvoice(String type, String status, InvoiceStatus read) {
        InvoiceState state = (InvoiceState) fact("invoice." + type, invoice(status, "subscription_cycle", ""));

        assertThat(state.status()).isEqualTo(read);
        assertThat(state.amount()).isEqualTo(1900);
        assertThat(state.currency()).isEqualTo("USD");
        assertThat(state.number()).isEqualTo("A-1");
        assertThat(state.description()).isEqualTo("1 x Starter");
        assertThat(state.periodStart()).isEqualTo(Instant.ofEpochSecond(2));
    }

    @ParameterizedTest
    @CsvSource({
        "subscription_create, FIRST",
        "subscription_cycle, RENEWAL",
        "subscription_update, CHANGE",
        "manual, PACKAGE",
        "subscription_threshold, PACKAGE"
    })
    void readsWhyThereIsAnInvoice(String word, InvoiceReason reason) {
        InvoiceState state = (InvoiceState) fact("invoice.paid", invoice("paid", word, ""));

        assertThat(state.reason()).isEqualTo(reason);
        assertThat(state.subscription()).isEqualTo(reason == InvoiceReason.PACKAGE ? null : "sub_1");
    }

    @Test
    void readsThatAPaymentFailed() {
        assertThat(events.facts(event("invoice.payment_failed", invoice("open", "subscription_cycle", ""))))
                .hasSize(2)
                .last()
                .isEqualTo(new PaymentFailed(
                        "in_1",
                        new BillingFact.Owner(null, null, "cus_1", "sub_1"),
                        1900,
                        "USD",
                        Instant.ofEpochSecond(NOW)));
        // Whoever buys a package is at the page, and told there.
        assertThat(events.facts(event("invoice.payment_failed", invoice("open", "manual", ""))))
                .singleElement()
                .isInstanceOf(InvoiceState.class);
    }

    @Test
    void readsWhichPaymentHasPaidAnInvoice() {
        String payment = """
                {"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "amount_paid": 1900, "status": "paid",
                 "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}""";

        assertThat(fact("invoice_payment.paid", payment))
                .isEqualTo(new InvoicePaid("in_1", "pi_1", 1900, Instant.ofEpochSecond(NOW)));
        // Paid outside of Stripe, there is no payment that could be returned.
        assertThat(events.facts(event(
                        "invoice_payment.paid", payment.replace("\"payment_intent\": \"pi_1\"", "\"charge\": \"x\""))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"900, false", "1900, true"})
    void readsReturnsInPartAndOfAll(long returned, boolean all) {
        assertThat(fact("charge.refunded", """
                        {"id": "ch_1", "object": "charge", "amount": 1900, "amount_refunded": %d, "refunded": %s,
                         "payment_intent": "pi_1"}""".formatted(returned, all)))
                .isEqualTo(new Refunded("pi_1", 1900, returned, Instant.ofEpochSecond(NOW)));
    }

    @ParameterizedTest
    @CsvSource({
        "created, needs_response, OPEN",
        "updated, under_review, OPEN",
        "funds_withdrawn, needs_response, OPEN",
        "funds_reinstated, won, WON",
        "closed, won, WON",
        "closed, charge_refunded, WON",
        "closed, lost, LOST"
    })
    void readsWhatBecomesOfADispute(String type, String status, DisputeOutcome outcome) {
        assertThat(fact("charge.dispute." + type, dispute(status)))
                .isEqualTo(new Disputed("pi_1", 1900, outcome, Instant.ofEpochSecond(NOW)));
    }

    private static String dispute(String status) {
        return "{\"id\": \"du_1\", \"amount\": 1900, \"payment_intent\": \"pi_1\", \"charge\": \"ch_1\", \"status\": \"%s\"}"
                .formatted(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
    void takesABanksQuestionForNoDispute(String status) {
        assertThat(events.facts(event("charge.dispute.closed", dispute(status))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"charge.refunded", "charge.dispute.created"})
    void leavesChargesAloneThatNoCheckoutHasMade(String type) {
        assertThat(events.facts(
                        event(type, "{\"id\": \"x\", \"payment_intent\": null, \"status\": \"lost\", \"amount\": 1}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "refund.created",
                "refund.failed",
                "customer.created",
                "charge.succeeded",
                "payout.paid",
                "a.new.one"
            })
    void saysNothingWhereNothingChangesHere(String type) {
        assertThat(events.facts(event(type, "{\"id\":\"re_1\",\"charge\":\"ch_1\"}")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "customer.subscription.updated, forgotten",
        "invoice.updated, forgotten",
        "charge.dispute.updated, forgotten"
    })
    void refusesStatusesThatItDoesNotKnow(String type, String status) {
        String object = type.startsWith("invoice")
                ? invoice(status, "manual", "")
                : type.startsWith("charge") ? dispute(status) : subscription(status, "");

        assertThatThrownBy(() -> events.facts(event(type, object)))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("a status that is not known here");
    }

    /** What each event needs: without one of its fields, or with another type in its place, it is refused by the field's name. */
    @ParameterizedTest
    @CsvSource({
        "checkout.session.completed, id",
        "checkout.session.completed, mode",
        "checkout.session.completed, amount_total",
        "customer.subscription.updated, id",
        "customer.subscription.updated, status",
        "customer.subscription.updated, start_date",
        "customer.subscription.deleted, id",
        "invoice.paid, id",
        "invoice.paid, status",
        "invoice.paid, amount_due",
        "invoice.paid, currency",
        "invoice.paid, created",
        "invoice.payment_failed, amount_due",
        "invoice_payment.paid, amount_paid",
        "charge.refunded, amount",
        "charge.refunded, amount_refunded",
        "charge.dispute.created, status",
        "charge.dispute.created, amount"
    })
    void refusesEventsThatLackWhatTheyTellOf(String type, String field) throws IOException {
        ObjectNode object = (ObjectNode) new ObjectMapper().readTree("""
                {"id": "x", "mode": "payment", "payment_status": "paid", "amount_total": 1, "status": "%s", "start_date": 1,
                 "amount_due": 1, "currency": "usd", "created": 1, "invoice": "in_1", "amount_paid": 1, "amount": 1,
                 "amount_refunded": 1, "payment_intent": "pi_1", "payment": {"payment_intent": "pi_1"}}""".formatted(
                        type.contains("dispute") ? "lost" : type.contains("invoice") ? "paid" : "active"));
        if (field.equals("start_date")) {
            object.remove("created");
        }
        assertThat(events.facts(event(type, object.toString()))).isNotEmpty();

        for (String wrong : List.of("null", "{}", "[]", "true", "-1", "1.5", "1e400", "9".repeat(900), "\"\"")) {
            String changed = object.deepCopy().put(field, "WRONG").toString().replace("\"WRONG\"", wrong);
            assertThatThrownBy(() -> events.facts(event(type, changed)))
                    .as(wrong)
                    .isInstanceOf(InvalidEventException.class)
                    .hasMessageContaining("field " + field);
        }
        object.remove(field);
        assertThatThrownBy(() -> events.facts(event(type, object.toString())))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("field " + field);
    }

    private static final List<String> TYPES = List.of(
            "checkout.session.completed",
            "checkout.session.async_payment_failed",
            "customer.subscription.created",
            "customer.subscription.deleted",
            "invoice.paid",
            "invoice.payment_failed",
            "invoice_payment.paid",
            "charge.refunded",
            "charge.dispute.closed");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "\"text\"",
                "[]",
                "[[[[]]]]",
                "{\"id\":[],\"items\":7,\"lines\":\"x\",\"metadata\":[1],\"parent\":null,\"payments\":{\"data\":7}}",
                "{\"id\":{\"id\":{\"id\":1}},\"status\":{},\"mode\":[],\"payment\":1,\"charge\":true}",
                "{\"id\":\"x\",\"mode\":\"payment\",\"status\":\"active\",\"start_date\":1,\"items\":{\"data\":[{\"quantity\":1e400}]}}",
                "{\"id\":\"x\",\"mode\":\"payment\",\"status\":\"active\",\"start_date\":1,\"items\":{\"data\":[{\"quantity\":-1}]}}",
                "{\"id\":\"x\",\"mode\":\"\\u0000\",\"status\":\"paid\",\"amount_due\":1,\"currency\":\"usd\",\"created\":1,\"number\":\"\\u0000\",\"payment_intent\":\"\\u0000\"}"
            })
    void refusesHostileObjectsInWords(String object) {
        for (String type : TYPES) {
            Throwable thrown = catchThrowable(() -> events.facts(event(type, object)));
            if (thrown != null) {
                assertThat(thrown).as(type).isInstanceOf(InvalidEventException.class);
                assertThat(thrown.getMessage()).endsWith(".");
            }
        }
    }

    @Test
    void replacesCharactersThatNoDatabaseTakes() throws GeneralSecurityException {
        String body = "{\"id\":\"evt\\u0000\",\"type\":\"x\\ud800\",\"created\":1}";

        ProviderMessage message = verify(body, "whsec_new", NOW);

        assertThat(message.id()).isEqualTo("evt\uFFFD");
        assertThat(message.type()).isEqualTo("x\uFFFD");
        assertThat(message.body()).isEqualTo(body);
    }

    @Test
    void refusesIdsThatNoIndexTakes() {
        assertThatThrownBy(() -> fact("charge.refunded", """
                        {"amount": 1, "amount_refunded": 1, "payment_intent": "%s"}""".formatted("p".repeat(256))))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void refusesDeepAndLongJsonBeforeItReadsIt() throws GeneralSecurityException {
        String deep = event("invoice.paid", "[".repeat(100_000) + "]".repeat(100_000));
        String wide = event("invoice.paid", "{\"amount_due\":" + "9".repeat(100_000) + "}");

        for (String body : List.of(deep, wide)) {
            assertThatThrownBy(() -> events.facts(body)).isInstanceOf(InvalidEventException.class);
            assertThatThrownBy(() -> verify(body, "whsec_new", NOW)).isInstanceOf(InvalidEventException.class);
        }
    }
}
