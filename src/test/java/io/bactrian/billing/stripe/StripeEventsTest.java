package io.bactrian.billing.stripe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.stripe.net.Webhook;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvalidEventException;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import io.bactrian.billing.SubscriptionStatus;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    void refusesAnotherSecretsSignature() {
        assertThatThrownBy(() -> verify(event("charge.refunded", "{}"), "whsec_other", NOW))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("wrong")
                .hasMessageNotContaining("whsec");
    }

    @Test
    void refusesABodyOfWhichOneByteWasChanged() throws GeneralSecurityException {
        String body = event("charge.refunded", "{}");
        String header = Webhook.Signature.generateSignatureHeader(body, "whsec_new", NOW);
        byte[] changed = body.replace("evt_1", "evt_2").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> events.verify(changed, name -> header)).isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "t=,v1=", "t=99999999999999999999,v1=00", "v1=00"})
    void refusesHeadersThatAreNoSignatures(String header) {
        assertThatThrownBy(() -> events.verify(new byte[0], name -> header)).isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "7", "{", "{\"id\":1}"})
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

    @ParameterizedTest
    @ValueSource(strings = {"refund.created", "customer.created", "charge.succeeded"})
    void saysNothingWhereNothingChangesHere(String type) {
        assertThat(events.facts(event(type, "{\"id\":\"re_1\",\"charge\":\"ch_1\"}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkout.session.completed", "customer.subscription.updated", "invoice.paid"})
    void refusesEventsThatLackWhatTheyTellOf(String type) {
        assertThatThrownBy(() -> events.facts(event(type, "{}"))).isInstanceOf(InvalidEventException.class);
    }
}
