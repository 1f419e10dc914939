package io.bactrian.billing.stripe;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.PaymentProvider.CheckoutRequest;
import io.bactrian.billing.PaymentProvider.HostedCheckout;
import io.bactrian.billing.PaymentProviderUnavailableException;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Stripe's API, by stand-ins that have the shapes of its OpenAPI description. */
@ExtendWith(OutputCaptureExtension.class)
class StripeProviderTest {
    private static final String KEY = "sk_test_nobodyreadsthis";
    private static final Instant NOW = Instant.parse("2026-01-20T12:00:00Z");
    private static final Instant EXPIRES = Instant.parse("2026-01-20T13:30:00Z");
    private static final UUID ACCOUNT = UUID.fromString("0b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d11");
    private static final UUID CHECKOUT = UUID.fromString("5b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d12");
    private static final OperatorClient HTTP = new OperatorClient();

    @RegisterExtension
    static final WireMockExtension SERVER = WireMockExtension.newInstance()
            .options(WireMockConfiguration.wireMockConfig().dynamicPort())
            .build();

    @AfterAll
    static void close() throws IOException {
        HTTP.close();
    }

    @AfterEach
    void noLogHasTheKey(CapturedOutput output) {
        assertThat(output.getAll()).doesNotContain(KEY);
    }

    private static StripeProvider provider(Map<String, String> prices, Instant now) {
        return new StripeProvider(
                new BillingProperties(
                        new BillingProperties.Stripe(KEY, "whsec_test", SERVER.baseUrl(), prices),
                        new BillingProperties.LemonSqueezy("", "", "", "", Map.of()),
                        null,
                        "",
                        "",
                        ""),
                HTTP,
                new ObjectMapper(),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private static StripeProvider provider(Map<String, String> prices) {
        return provider(prices, NOW);
    }

    private static StripeProvider provider() {
        return provider(Map.of(), NOW);
    }

    private static CheckoutRequest checkout(CheckoutKind kind, String item, @Nullable String customer) {
        return new CheckoutRequest(
                CHECKOUT,
                ACCOUNT,
                "ada@example.com",
                customer,
                kind,
                item,
                kind == CheckoutKind.PLAN ? "Starter" : "Small",
                1900,
                BillingInterval.MONTHLY,
                "https://bactrian.example/paid?a=1&b=2",
                "https://bactrian.example/not-paid",
                EXPIRES);
    }

    private static CheckoutRequest purchase() {
        return checkout(CheckoutKind.PACKAGE, "small", null);
    }

    private static final String SESSION = """
            {"id": "cs_test_1", "object": "checkout.session", "mode": "payment", "status": "open", "payment_status": "unpaid",
             "expires_at": 1768915800, "amount_total": 1900, "currency": "usd", "livemode": false,
             "url": "https://checkout.stripe.com/c/pay/cs_test_1#fid"}""";

    private static String subscription(String id, String status, String more) {
        return """
                {"id": "%s", "object": "subscription", "status": "%s", "customer": "cus_1", "cancel_at_period_end": false,
                 "cancel_at": null, "canceled_at": null, "ended_at": null, "created": 1767225600, "start_date": 1767225600,
                 "currency": "usd", "livemode": false, "metadata": {"account_id": "%s", "plan_id": "starter"},
                 "default_payment_method": {"id": "pm_1", "object": "payment_method", "card": {"brand": "visa", "last4": "4242"}},
                 "items": {"object": "list", "has_more": false, "data": [{"id": "si_1", "object": "subscription_item",
                  "quantity": 1, "current_period_start": 1767225600, "current_period_end": 1769904000,
                  "price": {"id": "price_starter", "object": "price", "product": "prod_1", "unit_amount": 1900}}]}%s}""".formatted(id, status, ACCOUNT, more);
    }

    private static String invoice(String id, String paidAt) {
        return """
                {"id": "%s", "object": "invoice", "status": "paid", "amount_due": 1900, "amount_paid": 1900, "currency": "usd",
                 "billing_reason": "subscription_cycle", "created": 1767225600, "customer": "cus_1", "number": "A-1",
                 "metadata": {}, "status_transitions": {"paid_at": %s},
                 "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1", "metadata": {}}},
                 "payments": {"object": "list", "data": [{"id": "inpay_1", "status": "paid",
                  "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
                 "lines": {"object": "list", "data": [{"id": "il_1", "amount": 1900, "period": {"start": 1, "end": 2},
                  "parent": {"type": "subscription_item_details", "subscription_item_details": {"proration": false}},
                  "pricing": {"type": "price_details", "price_details": {"price": "price_starter"}}}]}}""".formatted(id, paidAt);
    }

    private static String page(boolean more, String... objects) {
        return "{\"object\": \"list\", \"has_more\": %s, \"data\": [%s]}".formatted(more, String.join(",", objects));
    }

    private static String error(String type, String message) {
        return "{\"error\": {\"type\": \"%s\", \"message\": \"%s\", \"request_log_url\": \"https://x\"}}"
                .formatted(type, message);
    }

    private static void answer(int status, String body) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withBody(body)));
    }

    /** The fields of the only form that was sent to a path. */
    private static Map<String, String> form(String path) {
        List<LoggedRequest> sent = SERVER.findAll(postRequestedFor(urlEqualTo(path)));
        assertThat(sent).hasSize(1);
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : sent.getFirst().getBodyAsString().split("&", -1)) {
            String[] parts = field.split("=", 2);
            fields.put(decoded(parts[0]), decoded(parts[1]));
        }
        return fields;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Test
    void opensACheckoutForAPackageAtThePriceOfTheConfiguration() {
        answer(200, SESSION);

        assertThat(provider().open(purchase()))
                .isEqualTo(new HostedCheckout("cs_test_1", "https://checkout.stripe.com/c/pay/cs_test_1#fid", EXPIRES));
        SERVER.verify(postRequestedFor(urlEqualTo("/v1/checkout/sessions"))
                .withHeader("Authorization", equalTo("Bearer " + KEY))
                .withHeader("Stripe-Version", equalTo("2026-07-29.dahlia"))
                .withHeader("Content-Type", matching("application/x-www-form-urlencoded.*"))
                .withHeader("Idempotency-Key", equalTo("checkout-" + CHECKOUT))
                .withHeader("X-Stripe-Client-User-Agent", absent())
                .withHeader("X-Stripe-Client-Telemetry", absent()));
        assertThat(form("/v1/checkout/sessions"))
                .containsOnly(
                        entry("mode", "payment"),
                        entry("client_reference_id", CHECKOUT.toString()),
                        entry("line_items[0][quantity]", "1"),
                        entry("line_items[0][price_data][product_data][name]", "Small"),
                        entry("line_items[0][price_data][currency]", "usd"),
                        entry("line_items[0][price_data][unit_amount]", "1900"),
                        entry("metadata[account_id]", ACCOUNT.toString()),
                        entry("metadata[checkout_id]", CHECKOUT.toString()),
                        entry("metadata[package_id]", "small"),
                        entry("invoice_creation[enabled]", "true"),
                        entry("invoice_creation[invoice_data][metadata][account_id]", ACCOUNT.toString()),
                        entry("invoice_creation[invoice_data][metadata][checkout_id]", CHECKOUT.toString()),
                        entry("invoice_creation[invoice_data][metadata][package_id]", "small"),
                        entry("payment_intent_data[metadata][account_id]", ACCOUNT.toString()),
                        entry("payment_intent_data[metadata][checkout_id]", CHECKOUT.toString()),
                        entry("payment_intent_data[metadata][package_id]", "small"),
                        entry("customer_email", "ada@example.com"),
                        entry("customer_creation", "always"),
                        entry("success_url", "https://bactrian.example/paid?a=1&b=2"),
                        entry("cancel_url", "https://bactrian.example/not-paid"),
                        entry("expires_at", "1768915800"));
    }

    @Test
    void opensACheckoutForAPlanByItsPriceForACustomerThatStripeKnows() {
        answer(200, SESSION);

        provider(Map.of("starter", "price_starter")).open(checkout(CheckoutKind.PLAN, "starter", "cus_1"));

        assertThat(form("/v1/checkout/sessions"))
                .containsOnly(
                        entry("mode", "subscription"),
                        entry("client_reference_id", CHECKOUT.toString()),
                        entry("line_items[0][quantity]", "1"),
                        entry("line_items[0][price]", "price_starter"),
                        entry("metadata[account_id]", ACCOUNT.toString()),
                        entry("metadata[checkout_id]", CHECKOUT.toString()),
                        entry("metadata[plan_id]", "starter"),
                        entry("subscription_data[metadata][account_id]", ACCOUNT.toString()),
                        entry("subscription_data[metadata][checkout_id]", CHECKOUT.toString()),
                        entry("subscription_data[metadata][plan_id]", "starter"),
                        entry("customer", "cus_1"),
                        entry("success_url", "https://bactrian.example/paid?a=1&b=2"),
                        entry("cancel_url", "https://bactrian.example/not-paid"),
                        entry("expires_at", "1768915800"));
    }

    @Test
    void opensACheckoutForAPlanWithoutPriceByThatOfTheConfiguration() {
        answer(200, SESSION);

        provider().open(checkout(CheckoutKind.PLAN, "starter", null));

        assertThat(form("/v1/checkout/sessions"))
                .contains(
                        entry("line_items[0][price_data][product_data][name]", "Starter"),
                        entry("line_items[0][price_data][unit_amount]", "1900"),
                        entry("line_items[0][price_data][recurring][interval]", "month"),
                        entry("customer_email", "ada@example.com"))
                .doesNotContainKeys("line_items[0][price]", "customer_creation", "invoice_creation[enabled]");
    }

    @Test
    void asksForTheSameCheckoutInTheSameWordsHoweverLate() {
        answer(200, SESSION);

        provider().open(purchase());
        provider(Map.of(), NOW.plusSeconds(2_999)).open(purchase());

        List<LoggedRequest> sent = SERVER.findAll(postRequestedFor(urlEqualTo("/v1/checkout/sessions")));
        assertThat(sent).hasSize(2);
        assertThat(sent.getFirst().getBodyAsString()).isEqualTo(sent.getLast().getBodyAsString());
        assertThat(sent)
                .allSatisfy(request ->
                        assertThat(request.getHeader("Idempotency-Key")).isEqualTo("checkout-" + CHECKOUT));
    }

    @Test
    void triesAgainUnderTheNextKeyWhereStripeOnlyRepeatsAFailure() {
        SERVER.stubFor(post(anyUrl())
                .willReturn(aResponse()
                        .withStatus(402)
                        .withHeader("Idempotent-Replayed", "true")
                        .withBody(error("card_error", "Your card was declined."))));
        SERVER.stubFor(post(anyUrl())
                .withHeader("Idempotency-Key", equalTo("cancel-1-2"))
                .willReturn(aResponse()
                        .withStatus(400)
                        .withBody(error(
                                "idempotency_error",
                                "Keys for idempotent requests can only be used with the same parameters."))));
        SERVER.stubFor(post(anyUrl())
                .withHeader("Idempotency-Key", equalTo("cancel-1-3"))
                .willReturn(okJson(subscription("sub_1", "active", ""))));

        assertThat(provider().cancel("sub_1", "cancel-1").status()).isEqualTo(SubscriptionStatus.ACTIVE);
        SERVER.verify(3, postRequestedFor(urlEqualTo("/v1/subscriptions/sub_1")));
    }

    @Test
    void givesUpOnKeysThatAreAllUsed() {
        answer(400, error("idempotency_error", "Keys for idempotent requests can only be used once."));

        assertThatThrownBy(() -> provider().cancel("sub_1", "cancel-1"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
        SERVER.verify(10, postRequestedFor(anyUrl()));
    }

    @Test
    void takesAnAnswerThatIsRepeatedForTheAnswer() {
        SERVER.stubFor(post(anyUrl()).willReturn(okJson(SESSION).withHeader("Idempotent-Replayed", "true")));

        assertThat(provider().open(purchase()).id()).isEqualTo("cs_test_1");
        SERVER.verify(1, postRequestedFor(anyUrl()));
    }

    @Test
    void readsTheStateOfASubscriptionAsOfNow() {
        answer(200, subscription("sub_1", "past_due", ""));

        SubscriptionState state = provider().subscription("sub_1");

        assertThat(state.status()).isEqualTo(SubscriptionStatus.PAST_DUE);
        assertThat(state.price()).isEqualTo("price_starter");
        assertThat(state.owner().account()).isEqualTo(ACCOUNT);
        assertThat(state.owner().customer()).isEqualTo("cus_1");
        assertThat(state.paymentMethod()).isEqualTo("card_ending_4242");
        assertThat(state.periodEnd()).isEqualTo(Instant.ofEpochSecond(1769904000));
        assertThat(state.at()).isNull();
        SERVER.verify(getRequestedFor(urlEqualTo("/v1/subscriptions/sub_1?expand%5B%5D=default_payment_method")));
    }

    @Test
    void changesThePlanAtOnceToItsPriceAndHasStripeProrateIt() {
        answer(200, subscription("sub_1", "active", ""));

        provider(Map.of("growth", "price_growth"))
                .changePlan("sub_1", "growth", 4900, BillingInterval.MONTHLY, "change-to-growth-1");

        SERVER.verify(postRequestedFor(urlEqualTo("/v1/subscriptions/sub_1"))
                .withHeader("Idempotency-Key", equalTo("change-to-growth-1")));
        assertThat(form("/v1/subscriptions/sub_1"))
                .containsOnly(
                        entry("items[0][id]", "si_1"),
                        entry("items[0][price]", "price_growth"),
                        entry("proration_behavior", "always_invoice"),
                        entry("payment_behavior", "error_if_incomplete"),
                        entry("metadata[plan_id]", "growth"),
                        entry("expand[]", "default_payment_method"));
    }

    @Test
    void changesThePlanToThePriceOfTheConfigurationWhereStripeHasNone() {
        answer(200, subscription("sub_1", "active", ""));

        provider().changePlan("sub_1", "growth", 49_000, BillingInterval.YEARLY, "change-to-growth-1");

        assertThat(form("/v1/subscriptions/sub_1"))
                .contains(
                        entry("items[0][price_data][product]", "prod_1"),
                        entry("items[0][price_data][currency]", "usd"),
                        entry("items[0][price_data][unit_amount]", "49000"),
                        entry("items[0][price_data][recurring][interval]", "year"))
                .doesNotContainKey("items[0][price]");
    }

    @Test
    void cancelsWithThePeriod() {
        answer(200, subscription("sub_1", "active", ", \"cancel_at_period_end\": true, \"cancel_at\": 1769904000"));

        assertThat(provider().cancel("sub_1", "cancel-1").cancelAtPeriodEnd()).isTrue();
        SERVER.verify(postRequestedFor(urlEqualTo("/v1/subscriptions/sub_1"))
                .withHeader("Idempotency-Key", equalTo("cancel-1")));
        assertThat(form("/v1/subscriptions/sub_1")).contains(entry("cancel_at_period_end", "true"));
    }

    @ParameterizedTest
    @CsvSource({
        "true, 1769904000, cancel_at_period_end, false, resume-1",
        "false, 1769904000, cancel_at, '', resume-1-date",
        "false, null, cancel_at_period_end, false, resume-1"
    })
    void resumesWhatWasCancelledHereOrInTheCustomerPortal(
            String atPeriodEnd, String date, String field, String value, String key) {
        SERVER.stubFor(get(anyUrl())
                .willReturn(okJson(subscription(
                        "sub_1",
                        "active",
                        ", \"cancel_at_period_end\": %s, \"cancel_at\": %s".formatted(atPeriodEnd, date)))));
        SERVER.stubFor(post(anyUrl()).willReturn(okJson(subscription("sub_1", "active", ""))));

        assertThat(provider().resume("sub_1", "resume-1").cancelAtPeriodEnd()).isFalse();
        SERVER.verify(
                postRequestedFor(urlEqualTo("/v1/subscriptions/sub_1")).withHeader("Idempotency-Key", equalTo(key)));
        assertThat(form("/v1/subscriptions/sub_1"))
                .containsOnly(entry(field, value), entry("expand[]", "default_payment_method"));
    }

    @Test
    void endsASubscriptionAtOnce() {
        answer(200, subscription("sub_1", "canceled", ", \"ended_at\": 1768910400"));

        provider().end("sub_1", "end-sub_1");

        SERVER.verify(1, deleteRequestedFor(urlEqualTo("/v1/subscriptions/sub_1")));
    }

    @Test
    void doesNotMindThatASubscriptionHasEndedAlready() {
        SERVER.stubFor(delete(anyUrl())
                .willReturn(aResponse()
                        .withStatus(404)
                        .withBody(error("invalid_request_error", "No such subscription: 'sub_1'"))));

        provider().end("sub_1", "end-sub_1");

        SERVER.verify(1, deleteRequestedFor(urlEqualTo("/v1/subscriptions/sub_1")));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 429, 500})
    void doesNotTakeASubscriptionForEndedThatStripeDidNotLookAt(int status) {
        answer(status, error("api_error", "Later."));

        assertThatThrownBy(() -> provider().end("sub_1", "end-sub_1"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @Test
    void encodesIdsInPaths() {
        answer(404, error("invalid_request_error", "Unrecognized request URL."));

        assertThatThrownBy(() -> provider().cancel("sub_1/../../v1/customers?x", "key"))
                .isInstanceOf(PaymentRefusedException.class);
        SERVER.verify(postRequestedFor(urlEqualTo("/v1/subscriptions/sub_1%2F..%2F..%2Fv1%2Fcustomers%3Fx")));
    }

    @Test
    void opensTheCustomerPortalOnceMoreEachTimeItIsAsked() {
        answer(200, """
                {"id": "bps_1", "object": "billing_portal.session", "customer": "cus_1",
                 "return_url": "https://bactrian.example", "url": "https://billing.stripe.com/session/x"}""");

        assertThat(provider().portal(ACCOUNT, "cus_1", "sub_1", "https://bactrian.example"))
                .isEqualTo("https://billing.stripe.com/session/x");
        assertThat(form("/v1/billing_portal/sessions"))
                .containsOnly(entry("customer", "cus_1"), entry("return_url", "https://bactrian.example"));
        provider().portal(ACCOUNT, "cus_1", "sub_1", "https://bactrian.example");
        assertThat(SERVER.findAll(postRequestedFor(anyUrl())).stream()
                        .map(request -> request.getHeader("Idempotency-Key"))
                        .distinct())
                .hasSize(2);
    }

    @Test
    void hasNoPortalForWhoHasBoughtNothing() {
        assertThatThrownBy(() -> provider().portal(ACCOUNT, null, null, "https://bactrian.example"))
                .isInstanceOf(PaymentRefusedException.class);
        assertThat(SERVER.getAllServeEvents()).isEmpty();
    }

    @Test
    void listsWhatGoesOnAndWhatWasPaidReturnedAndDisputed() {
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions"))
                .withQueryParam("limit", equalTo("50"))
                .withQueryParam("starting_after", absent())
                .willReturn(okJson(page(
                        true, subscription("sub_1", "active", ""), subscription("sub_2", "incomplete_expired", "")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions"))
                .withQueryParam("starting_after", equalTo("sub_2"))
                .willReturn(okJson(page(false, subscription("sub_3", "past_due", "")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/invoices"))
                .withQueryParam("status", equalTo("paid"))
                .withQueryParam("created[gte]", equalTo("1765411200"))
                .withQueryParam("expand[]", equalTo("data.payments"))
                .willReturn(okJson(page(false, invoice("in_2", "1768100000"), invoice("in_1", "1767300000")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/refunds"))
                .withQueryParam("expand[]", equalTo("data.charge"))
                .withQueryParam("created[gte]", equalTo("1768003200"))
                .willReturn(okJson(page(false, """
                        {"id": "re_1", "object": "refund", "amount": 100, "payment_intent": "pi_1", "status": "succeeded",
                         "charge": {"id": "ch_1", "payment_intent": "pi_1", "amount": 1900, "amount_refunded": 300}}"""))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/disputes")).willReturn(okJson(page(false, """
                        {"id": "du_1", "object": "dispute", "amount": 1900, "payment_intent": "pi_2", "status": "lost"}"""))));
        List<String> told = new ArrayList<>();

        provider().list(Instant.parse("2026-01-10T00:00:00Z"), fact -> told.add(name(fact)));

        assertThat(told)
                .containsExactly(
                        "subscription sub_1",
                        "subscription sub_3",
                        "invoice in_2 paid by pi_1",
                        "300 of pi_1 returned",
                        "pi_2 disputed: LOST");
    }

    private static String name(BillingFact fact) {
        return switch (fact) {
            case SubscriptionState state -> "subscription " + state.id();
            case InvoiceState state -> "invoice " + state.id() + " paid by " + state.payment();
            case Refunded refund -> refund.refunded() + " of " + refund.payment() + " returned";
            case Disputed dispute -> dispute.payment() + " disputed: " + dispute.outcome();
            default -> fact.toString();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"data\": {}}", "{\"has_more\": true, \"data\": [{}]}"})
    void doesNotListHalfOfTheBooksAsAllOfThem(String body) {
        answer(200, body);

        assertThatThrownBy(() -> provider().list(NOW, fact -> {}))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @Test
    void endsWithAPageThatLeadsToItself() {
        SERVER.stubFor(any(anyUrl()).willReturn(okJson(page(false))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions"))
                .willReturn(okJson(page(true, subscription("sub_1", "active", "")))));
        List<BillingFact> told = new ArrayList<>();

        provider().list(NOW, told::add);

        assertThat(told).hasSize(2);
    }

    @Test
    void handsOnWhyTheCardWasRefused() {
        answer(402, """
                {"error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
                 "message": "Your card has\\n insufficient funds.", "charge": "ch_1", "doc_url": "https://stripe.com/docs"}}""");

        PaymentRefusedException refused =
                (PaymentRefusedException) catchThrowable(() -> provider().cancel("sub_1", "key"));

        assertThat(refused).hasMessage("Your card has insufficient funds.").hasNoCause();
        assertThat(refused.payment()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 422})
    void handsOnWhyARequestWasRefused(int status) {
        answer(status, error("invalid_request_error", "No such price: 'price_x'"));

        PaymentRefusedException refused =
                (PaymentRefusedException) catchThrowable(() -> provider().open(purchase()));

        assertThat(refused).hasMessage("No such price: 'price_x'").hasNoCause();
        assertThat(refused.payment()).isFalse();
    }

    @Test
    void handsOnNoWordsThatAreMissingLongOrNameTheKey() {
        answer(400, "{\"error\": {\"type\": \"invalid_request_error\"}}");
        assertThatThrownBy(() -> provider().subscription("sub_1"))
                .hasMessage("Stripe refuses this, and does not say why.");

        answer(400, error("invalid_request_error", "The key " + KEY + " may not."));
        assertThatThrownBy(() -> provider().subscription("sub_1"))
                .hasMessage("Stripe refuses this, and does not say why.");

        answer(400, error("invalid_request_error", "x".repeat(10_000)));
        assertThat(catchThrowable(() -> provider().subscription("sub_1")).getMessage())
                .hasSize(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 409, 429, 500, 502, 503})
    void isUnavailableWhereTheCustomerCanDoNothing(int status) {
        answer(status, error("api_error", "Invalid API Key provided: " + KEY));

        assertThatDoesNotTellTheKey(catchThrowable(() -> provider().subscription("sub_1")));
        assertThatDoesNotTellTheKey(catchThrowable(() -> provider().open(purchase())));
    }

    @Test
    void tellsTheOperatorInTheLogThatTheKeyIsRefused(CapturedOutput output) {
        answer(401, error("invalid_request_error", "Invalid API Key provided: " + KEY));

        assertThatThrownBy(() -> provider().subscription("sub_1"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
        assertThat(output.getAll()).contains("bactrian.billing.stripe.api-key");
    }

    private static void assertThatDoesNotTellTheKey(Throwable thrown) {
        assertThat(thrown).isInstanceOf(PaymentProviderUnavailableException.class);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            assertThat(String.valueOf(cause)).doesNotContain(KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "null", "7", "{}", "{\"error\": []}", "{\"error\": 7}"})
    void isUnavailableWhenAnErrorIsGarbage(String body) {
        answer(500, body);

        assertThatThrownBy(() -> provider().subscription("sub_1"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "null", "7", "{}", "{\"id\": \"sub_1\", \"status\": \"new\"}"})
    void isUnavailableWhenItsAnswerIsGarbage(String body) {
        answer(200, body);

        assertThatThrownBy(() -> provider().subscription("sub_1"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
        assertThatThrownBy(() -> provider().open(purchase())).isInstanceOf(PaymentProviderUnavailableException.class);
        assertThatThrownBy(() -> provider().changePlan("sub_1", "x", 1, BillingInterval.MONTHLY, "key"))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void isUnavailableWhenTheConnectionBreaks(Fault fault) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withFault(fault)));

        assertThatDoesNotTellTheKey(catchThrowable(() -> provider().open(purchase())));
        assertThat(SERVER.findAll(postRequestedFor(anyUrl())))
                .hasSizeLessThanOrEqualTo(2)
                .allSatisfy(request ->
                        assertThat(request.getHeader("Idempotency-Key")).isEqualTo("checkout-" + CHECKOUT));
    }

    @Test
    void isUnavailableWhenTheAnswerDoesNotComeInTime() {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withFixedDelay(60_000)));

        assertThatDoesNotTellTheKey(catchThrowable(() -> provider().subscription("sub_1")));
    }
}
