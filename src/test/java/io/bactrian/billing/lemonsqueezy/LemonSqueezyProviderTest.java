package io.bactrian.billing.lemonsqueezy;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.patchRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.bactrian.billing.BillingFact;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.BillingKeysException;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.CheckoutKind;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.PaymentProvider.CheckoutRequest;
import io.bactrian.billing.PaymentProvider.HostedCheckout;
import io.bactrian.billing.PaymentProviderUnavailableException;
import io.bactrian.billing.PaymentRefusedException;
import io.bactrian.billing.Plan;
import io.bactrian.billing.Plans;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LemonSqueezyProviderTest {
    private static final String KEY = "key-that-nobody-reads";
    private static final Instant NOW = Instant.parse("2026-01-20T12:00:00Z");
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

    private static BillingProperties.LemonSqueezy settings(String secret, String store, Map<String, String> variants) {
        return new BillingProperties.LemonSqueezy(KEY, secret, SERVER.baseUrl(), store, variants);
    }

    private static LemonSqueezyProvider provider() {
        return new LemonSqueezyProvider(
                new BillingProperties(
                        new BillingProperties.Stripe("", "", "", Map.of()),
                        settings("secret", "1", Map.of("professional", "42", "enterprise", "43")),
                        null,
                        "",
                        "",
                        ""),
                HTTP,
                new ObjectMapper());
    }

    private static CheckoutRequest checkout(String plan) {
        return new CheckoutRequest(
                CHECKOUT,
                ACCOUNT,
                "ada@example.com",
                null,
                CheckoutKind.PLAN,
                plan,
                "Professional",
                2999,
                BillingInterval.MONTHLY,
                "https://bactrian.example/paid",
                "https://bactrian.example/not-paid",
                Instant.parse("2026-01-20T13:00:00Z"));
    }

    private static String resource(String id, String status, String more) {
        return """
                {"type": "subscriptions", "id": "%s", "attributes": {
                 "store_id": 1, "customer_id": 7, "variant_id": 42, "status": "%s", "card_last_four": "4242",
                 "first_subscription_item": {"quantity": 1}, "renews_at": "2026-02-12T13:47:28.000000Z", "ends_at": null,
                 "urls": {"customer_portal": "https://my-store.lemonsqueezy.com/billing?expires=1&signature=x"},
                 "created_at": "2026-01-12T13:47:28.000000Z", "updated_at": "2026-01-13T10:00:00.000000Z"%s}}""".formatted(id, status, more);
    }

    private static String invoice(String id, String status, String created, String updated) {
        return """
                {"type": "subscription-invoices", "id": "%s", "attributes": {
                 "subscription_id": 9, "customer_id": 7, "billing_reason": "renewal", "status": "%s", "currency": "USD",
                 "total": 2999, "refunded_amount": 0, "created_at": "%s", "updated_at": "%s"}}""".formatted(id, status, created, updated);
    }

    private static String document(String resource) {
        return "{\"jsonapi\": {\"version\": \"1.0\"}, \"data\": " + resource + "}";
    }

    private static String page(int last, String... resources) {
        return "{\"meta\": {\"page\": {\"lastPage\": %d}}, \"data\": [%s]}"
                .formatted(last, String.join(",", resources));
    }

    private static void answer(int status, String body) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withBody(body)));
    }

    @Test
    void opensACheckoutThatSellsThePlanAloneUntilItExpires() {
        answer(201, document("""
                        {"type": "checkouts", "id": "ac470bd4", "attributes": {"expires_at": "2026-01-20T13:00:00.000000Z",
                         "url": "https://my-store.lemonsqueezy.com/checkout/custom/ac470bd4?signature=x"}}"""));

        assertThat(provider().open(checkout("professional")))
                .isEqualTo(new HostedCheckout(
                        "ac470bd4",
                        "https://my-store.lemonsqueezy.com/checkout/custom/ac470bd4?signature=x",
                        Instant.parse("2026-01-20T13:00:00Z")));
        SERVER.verify(postRequestedFor(urlEqualTo("/v1/checkouts"))
                .withHeader("Accept", equalTo("application/vnd.api+json"))
                .withHeader("Content-Type", equalTo("application/vnd.api+json"))
                .withHeader("Authorization", equalTo("Bearer " + KEY))
                .withRequestBody(equalToJson("""
                        {"data": {"type": "checkouts",
                         "attributes": {
                          "checkout_data": {"email": "ada@example.com", "custom": {
                           "account_id": "0b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d11",
                           "checkout_id": "5b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d12", "plan_id": "professional"}},
                          "product_options": {"redirect_url": "https://bactrian.example/paid", "enabled_variants": [42]},
                          "expires_at": "2026-01-20T13:00:00Z"},
                         "relationships": {
                          "store": {"data": {"type": "stores", "id": "1"}},
                          "variant": {"data": {"type": "variants", "id": "42"}}}}}""")));
    }

    @Test
    void refusesAPlanWithoutVariantBeforeItAsks() {
        assertThatThrownBy(() -> provider().open(checkout("new")))
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessageContaining("bactrian.billing.lemonsqueezy.variants.new");
        assertThat(SERVER.getAllServeEvents()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"url\": \"javascript:alert(1)\"}"})
    void takesACheckoutWithoutPageForNoAnswer(String attributes) {
        answer(201, document("{\"id\": \"ac470bd4\", \"attributes\": " + attributes + "}"));

        assertThatThrownBy(() -> provider().open(checkout("professional")))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @Test
    void readsTheStateOfASubscriptionAsOfNow() {
        answer(200, document(resource("9", "active", "")));

        SubscriptionState state = provider().subscription("9");

        assertThat(state.status()).isEqualTo(SubscriptionStatus.ACTIVE);
        assertThat(state.price()).isEqualTo("42");
        assertThat(state.at()).isNull();
    }

    @Test
    void changesThePlanAtOnce() {
        answer(200, document(resource("9", "active", ", \"variant_id\": 43")));

        assertThat(provider()
                        .changePlan("9", "enterprise", 19999, BillingInterval.MONTHLY, "key")
                        .price())
                .isEqualTo("43");
        SERVER.verify(patchRequestedFor(urlEqualTo("/v1/subscriptions/9")).withRequestBody(equalToJson("""
                {"data": {"type": "subscriptions", "id": "9",
                 "attributes": {"variant_id": 43, "invoice_immediately": true}}}""")));
    }

    @Test
    void cancelsAndResumes() {
        answer(200, document(resource("9", "cancelled", ", \"ends_at\": \"2026-02-12T13:47:28.000000Z\"")));

        assertThat(provider().cancel("9", "key").cancelAtPeriodEnd()).isTrue();
        SERVER.verify(deleteRequestedFor(urlEqualTo("/v1/subscriptions/9")));

        answer(200, document(resource("9", "active", "")));

        assertThat(provider().resume("9", "key").cancelAtPeriodEnd()).isFalse();
        SERVER.verify(patchRequestedFor(urlEqualTo("/v1/subscriptions/9")).withRequestBody(equalToJson("""
                {"data": {"type": "subscriptions", "id": "9", "attributes": {"cancelled": false}}}""")));
    }

    /** What is paid through PayPal is answered as it was, and no error. */
    @Test
    void saysWhereToChangeASubscriptionThatLemonSqueezyLeavesAsItIs() {
        answer(200, document(resource("9", "cancelled", ", \"ends_at\": \"2026-02-12T13:47:28.000000Z\"")));

        assertThatThrownBy(() -> provider().changePlan("9", "enterprise", 19999, BillingInterval.MONTHLY, "key"))
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessageContaining("PayPal")
                .hasMessageContaining("POST /billing/portal");
        assertThatThrownBy(() -> provider().resume("9", "key"))
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessageContaining("PayPal");

        answer(200, document(resource("9", "active", """
                , "urls": {"customer_portal_update_subscription": "https://my-store.lemonsqueezy.com/billing/9/update?signature=x"}""")));

        assertThatThrownBy(() -> provider().changePlan("9", "enterprise", 19999, BillingInterval.MONTHLY, "key"))
                .hasMessageEndingWith(
                        "in the customer portal: https://my-store.lemonsqueezy.com/billing/9/update?signature=x.");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void asksOnceWhetherItsKeyIsOfTestMode(boolean test) {
        answer(200, "{\"meta\": {\"test_mode\": %s}, \"data\": {\"type\": \"users\", \"id\": \"1\"}}".formatted(test));
        LemonSqueezyProvider provider = provider();

        assertThat(provider.testMode()).isEqualTo(test);
        assertThat(provider.testMode()).isEqualTo(test);
        SERVER.verify(1, getRequestedFor(urlEqualTo("/v1/users/me")));
    }

    @Test
    void doesNotTakeSilenceForAMode() {
        LemonSqueezyProvider provider = provider();
        for (String body : List.of("{}", "{\"meta\": {\"test_mode\": \"true\"}}", "<html>")) {
            answer(200, body);
            assertThatThrownBy(provider::testMode).isInstanceOf(PaymentProviderUnavailableException.class);
        }
        answer(503, "");
        assertThatThrownBy(provider::testMode).isInstanceOf(PaymentProviderUnavailableException.class);

        answer(200, "{\"meta\": {\"test_mode\": false}}");
        assertThat(provider.testMode()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"active", "cancelled", "expired"})
    void endsASubscriptionByCancellingItOnce(String status) {
        answer(200, document(resource("9", status, "")));

        provider().end("9", "key");

        SERVER.verify(status.equals("active") ? 1 : 0, deleteRequestedFor(urlEqualTo("/v1/subscriptions/9")));
    }

    @Test
    void encodesIdsInPaths() {
        answer(404, "{}");

        assertThatThrownBy(() -> provider().cancel("9/../../v1/stores?x", "key"))
                .isInstanceOf(PaymentRefusedException.class);
        SERVER.verify(deleteRequestedFor(urlEqualTo("/v1/subscriptions/9%2F..%2F..%2Fv1%2Fstores%3Fx")));
    }

    @Test
    void findsTheCustomerPortalOfASubscription() {
        answer(200, document(resource("9", "active", "")));

        assertThat(provider().portal(ACCOUNT, "7", "9", "https://bactrian.example"))
                .isEqualTo("https://my-store.lemonsqueezy.com/billing?expires=1&signature=x");
        answer(200, document(resource("9", "active", ", \"urls\": {}")));
        assertThatThrownBy(() -> provider().portal(ACCOUNT, "7", "9", "https://bactrian.example"))
                .isInstanceOf(PaymentRefusedException.class);
        assertThatThrownBy(() -> provider().portal(ACCOUNT, "7", null, "https://bactrian.example"))
                .isInstanceOf(PaymentRefusedException.class);
    }

    @Test
    void listsSubscriptionsThatGoOnAndInvoicesThatWerePaid() {
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions"))
                .withQueryParam("filter[store_id]", equalTo("1"))
                .withQueryParam("page[size]", equalTo("50"))
                .withQueryParam("page[number]", equalTo("1"))
                .willReturn(okJson(page(2, resource("9", "active", ""), resource("10", "expired", "")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions"))
                .withQueryParam("page[number]", equalTo("2"))
                .willReturn(okJson(page(2, resource("11", "past_due", "")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscription-invoices"))
                .withQueryParam("page[number]", equalTo("1"))
                .willReturn(okJson(page(
                        3,
                        invoice("5", "paid", "2026-01-12T00:00:00Z", "2026-01-12T00:00:00Z"),
                        invoice("4", "pending", "2026-01-12T00:00:00Z", "2026-01-12T00:00:00Z"),
                        invoice("3", "refunded", "2026-01-01T00:00:00Z", "2026-01-14T00:00:00Z")))));
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscription-invoices"))
                .withQueryParam("page[number]", equalTo("2"))
                .willReturn(okJson(page(3, invoice("2", "paid", "2025-10-12T00:00:00Z", "2025-10-12T00:00:00Z")))));
        List<String> told = new ArrayList<>();

        provider().list(Instant.parse("2026-01-10T00:00:00Z"), fact -> told.add(name(fact)));

        assertThat(told).containsExactly("subscription 9", "subscription 11", "invoice 5", "invoice 3");
    }

    private static String name(BillingFact fact) {
        return switch (fact) {
            case SubscriptionState state -> "subscription " + state.id();
            case InvoiceState state -> "invoice " + state.id();
            default -> fact.toString();
        };
    }

    @Test
    void doesNotListHalfOfTheBooksAsAllOfThem() {
        SERVER.stubFor(get(urlPathEqualTo("/v1/subscriptions")).willReturn(okJson("{\"data\": {}}")));

        assertThatThrownBy(() -> provider().list(NOW, fact -> {}))
                .isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 402, 422})
    void handsOnWhyLemonSqueezyRefuses(int status) {
        answer(status, """
                {"jsonapi": {"version": "1.0"}, "errors": [
                 {"status": "422", "title": "Unprocessable Entity", "detail": "The card was\\n declined."},
                 {"detail": "Use another one."}]}""");

        PaymentRefusedException refused =
                (PaymentRefusedException) catchThrowable(() -> provider().resume("9", "key"));

        assertThat(refused).hasMessage("The card was declined. Use another one.");
        assertThat(refused.payment()).isEqualTo(status == 402);
    }

    @Test
    void handsOnNoWordsThatAreMissingOrNameTheKey() {
        answer(422, "<html>");
        assertThatThrownBy(() -> provider().resume("9", "key"))
                .hasMessage("Lemon Squeezy refuses this, and does not say why.");

        answer(422, "{\"errors\": [{\"detail\": \"" + KEY + " may not\"}]}");
        assertThatThrownBy(() -> provider().resume("9", "key"))
                .hasMessage("Lemon Squeezy refuses this, and does not say why.");
    }

    @Test
    void refusesASubscriptionThatLemonSqueezyDoesNotKnow() {
        answer(404, "{\"errors\": [{\"detail\": \"The requested resource does not exist.\"}]}");

        assertThatThrownBy(() -> provider().subscription("9")).isInstanceOf(PaymentRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 409, 429, 500, 503})
    void isUnavailableWhereTheCustomerCanDoNothing(int status) {
        answer(status, "{\"errors\": [{\"detail\": \"Unauthenticated.\"}]}");

        assertThatThrownBy(() -> provider().subscription("9"))
                .isInstanceOf(PaymentProviderUnavailableException.class)
                .hasMessageNotContaining(KEY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<html>", "[]", "null", "{}", "{\"data\": {\"id\": \"9\", \"attributes\": {\"status\": 1}}}"
            })
    void isUnavailableWhenItsAnswerIsGarbage(String body) {
        answer(200, body);

        assertThatThrownBy(() -> provider().subscription("9")).isInstanceOf(PaymentProviderUnavailableException.class);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void isUnavailableWhenTheConnectionBreaks(Fault fault) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withFault(fault)));

        Throwable thrown = catchThrowable(() -> provider().open(checkout("professional")));

        assertThat(thrown).isInstanceOf(PaymentProviderUnavailableException.class);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            assertThat(String.valueOf(cause.getMessage())).doesNotContain(KEY);
        }
        SERVER.verify(1, postRequestedFor(urlEqualTo("/v1/checkouts")));
    }

    @Test
    void isUnavailableWhenTheAnswerDoesNotComeInTime() {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withFixedDelay(60_000)));

        assertThatThrownBy(() -> provider().subscription("9")).isInstanceOf(PaymentProviderUnavailableException.class);
    }

    private static Plans plans() {
        return new Plans(
                Map.of("free", plan("0.00"), "professional", plan("29.99"), "enterprise", plan("199.99")),
                Map.of("free", new MapscraperPlan("Free", BigDecimal.ZERO, 0, 2, BillingInterval.MONTHLY, List.of())),
                Map.of(),
                100);
    }

    private static Plan plan(String price) {
        return new Plan("Plan", "tier", new BigDecimal(price), 1000, 2, 10, false, BillingInterval.MONTHLY, List.of());
    }

    @Test
    void doesNotStartWithAKeyAlone() {
        assertThatThrownBy(() -> LemonSqueezyConfiguration.check(settings("", "", Map.of("enterprise", "43")), plans()))
                .isInstanceOf(BillingKeysException.class)
                .hasMessage(
                        "bactrian.billing.lemonsqueezy.store-id and bactrian.billing.lemonsqueezy.variants.professional and"
                                + " bactrian.billing.lemonsqueezy.webhook-secret are not set, and other settings of"
                                + " bactrian.billing.lemonsqueezy are: set all, or none.");
        assertThatCode(() -> LemonSqueezyConfiguration.check(
                        settings("secret", "1", Map.of("professional", "42", "enterprise", "43")), plans()))
                .doesNotThrowAnyException();
    }
}
