package io.bactrian.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.patch;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.bactrian.api.contract.DocumentedResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both APIs' operations on money, with stand-ins of both companies in place of the sandbox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderBillingTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private static final Set<String> UNSENT = Set.of("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset");

    /** What the service's clock shows, which stands still. */
    private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").getEpochSecond();

    /** Both companies find their own part of it. */
    private static final String REFUSAL = """
            {"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."},
             "errors": [{"title": "Declined", "detail": "Your card was declined."}]}""";

    private static final Map<String, Function<Account, Reply>> CALLS = Map.of(
            "createCheckout",
                    account -> send(account, "POST", "/billing/create-checkout", "{\"plan_id\": \"enterprise\"}"),
            "changeSubscription",
                    account -> send(account, "PUT", "/billing/subscription", "{\"plan_id\": \"enterprise\"}"),
            "cancelSubscription",
                    account ->
                            account.call("POST", "/billing/subscription/cancel").send(),
            "resumeSubscription",
                    account ->
                            account.call("POST", "/billing/subscription/resume").send(),
            "createPortal", account -> account.call("POST", "/billing/portal").send(),
            "addCredits", account -> send(account, "POST", "/credits/add", "{\"packageId\": \"small\"}"),
            "createBillingCheckout",
                    account -> send(account, "POST", "/billing/checkout", "{\"packageId\": \"large\"}"),
            "cancelMapSubscription",
                    account ->
                            account.call("POST", "/billing/cancel-subscription").send());

    @RegisterExtension
    final WireMockExtension companies = WireMockExtension.newInstance()
            .options(WireMockConfiguration.wireMockConfig().dynamicPort())
            .build();

    private LimitedService running;
    private Service service;
    private Account subscriber;

    @BeforeAll
    void start() {
        running = new LimitedService(
                "companies",
                "--bactrian.rate-limit.enabled=false",
                "--bactrian.billing.stripe.api-key=sk_test_of_the_flow_tests",
                "--bactrian.billing.stripe.webhook-secret=" + SignedEvents.STRIPE_SECRET,
                "--bactrian.billing.stripe.base-url=" + companies.baseUrl(),
                "--bactrian.billing.lemonsqueezy.api-key=key_of_the_flow_tests",
                "--bactrian.billing.lemonsqueezy.webhook-secret=" + SignedEvents.LEMON_SQUEEZY_SECRET,
                "--bactrian.billing.lemonsqueezy.base-url=" + companies.baseUrl(),
                "--bactrian.billing.lemonsqueezy.store-id=1",
                "--bactrian.billing.lemonsqueezy.variants.professional=42",
                "--bactrian.billing.lemonsqueezy.variants.enterprise=43");
        service = running.service();
        subscriber = subscribe("1");
    }

    /** An account that subscribes at both companies, under ids that end in the same way. */
    private Account subscribe(String number) {
        Account subscriber = service.register();
        String id = service.call("GET", "/auth/me")
                .as(subscriber.newKey("prod", "tasks:read"))
                .send()
                .json()
                .path("id")
                .asText();
        SignedEvents.lemonSqueezy(
                        service, """
                        {"meta": {"event_name": "subscription_created", "custom_data": {"account_id": "%s"}},
                         "data": %s}""".formatted(id, lemonSqueezySubscription(number, 42, false, "2026-03-01T11:00:00")))
                .expect(200);
        String stripe = """
                {"id": "evt_%s", "object": "event", "created": %d, "livemode": false, "type": "customer.subscription.created",
                 "data": {"object": %s}}""".formatted(number, NOW - 60, stripeSubscription(number, id, false));
        service.call("POST", "/billing/webhooks/stripe")
                .header("Stripe-Signature", SignedEvents.stripeSignature(SignedEvents.STRIPE_SECRET, stripe, NOW))
                .text("application/json", stripe)
                .send()
                .expect(200);
        await().atMost(LONG_ENOUGH)
                .until(() -> subscriber
                                .get("/billing/subscription")
                                .json()
                                .at("/subscription/id")
                                .isTextual()
                        && subscriber
                                .get("/billing/subscriptions")
                                .json()
                                .path("subscription")
                                .isObject());
        return subscriber;
    }

    @AfterAll
    void stop() {
        running.close();
    }

    private static Reply send(Account account, String method, String path, String body) {
        return account.call(method, path).json(TaskRequest.parse(body)).send();
    }

    private static String lemonSqueezySubscription(String number, int variant, boolean cancelled, String updated) {
        return """
                {"type": "subscriptions", "id": "%s", "attributes": {
                 "store_id": 1, "customer_id": 7, "order_id": 3, "variant_id": %d, "status": "%s", "cancelled": %s,
                 "card_brand": "visa", "card_last_four": "4242", "pause": null, "test_mode": false,
                 "first_subscription_item": {"id": 1, "quantity": 1},
                 "urls": {"customer_portal": "https://my-store.lemonsqueezy.com/billing?signature=x"},
                 "renews_at": "2026-04-01T11:00:00.000000Z", "ends_at": %s, "trial_ends_at": null,
                 "created_at": "2026-03-01T11:00:00.000000Z", "updated_at": "%s.000000Z"}}""".formatted(
                        number,
                        variant,
                        cancelled ? "cancelled" : "active",
                        cancelled,
                        cancelled ? "\"2026-04-01T11:00:00.000000Z\"" : "null",
                        updated);
    }

    private static String stripeSubscription(String number, String account, boolean cancelled) {
        return """
                {"id": "sub_%5$s", "object": "subscription", "customer": "cus_%5$s", "status": "active", "quantity": 1,
                 "created": %1$d, "start_date": %1$d, "cancel_at_period_end": %2$s, "livemode": false,
                 "metadata": {"account_id": "%3$s", "plan_id": "starter"},
                 "items": {"object": "list", "data": [{"id": "si_1", "object": "subscription_item", "quantity": 1,
                  "current_period_start": %1$d, "current_period_end": %4$d,
                  "price": {"id": "price_1", "object": "price", "product": "prod_1"}}]}}""".formatted(
                NOW - 60, cancelled, account, NOW - 60 + Duration.ofDays(31).toSeconds(), number);
    }

    /** The companies answer everything as their descriptions say. */
    private void open() {
        companies.stubFor(post(urlPathEqualTo("/v1/checkout/sessions"))
                .willReturn(okJson("""
                {"id": "cs_test_{{randomValue length=24 type='ALPHANUMERIC'}}", "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/cs_test_1",
                 "status": "open", "payment_status": "unpaid", "expires_at": %d}""".formatted(NOW + 3000)).withTransformers("response-template")));
        companies.stubFor(post(urlPathEqualTo("/v1/subscriptions/sub_2"))
                .willReturn(okJson(stripeSubscription("2", "0b0e7a52-7e0c-4a55-9f0e-0c7a3a2b1d11", true))));
        companies.stubFor(
                post(urlPathEqualTo("/v1/checkouts")).willReturn(okJson("""
                {"data": {"type": "checkouts", "id": "{{randomValue type='UUID'}}", "attributes": {
                 "store_id": 1, "variant_id": 43, "url": "https://my-store.lemonsqueezy.com/checkout/custom/5b0e7a52"}}}""").withTransformers("response-template")));
        companies.stubFor(
                get(urlPathEqualTo("/v1/subscriptions/2")).willReturn(lemonSqueezy(42, false, "2026-03-01T11:00:00")));
        companies.stubFor(patch(urlPathEqualTo("/v1/subscriptions/2"))
                .willReturn(lemonSqueezy(43, false, "2026-03-01T12:00:01")));
        companies.stubFor(delete(urlPathEqualTo("/v1/subscriptions/2"))
                .willReturn(lemonSqueezy(43, true, "2026-03-01T12:00:02")));
    }

    private static ResponseDefinitionBuilder lemonSqueezy(int variant, boolean cancelled, String updated) {
        return okJson("{\"jsonapi\": {\"version\": \"1.0\"}, \"data\": %s}"
                .formatted(lemonSqueezySubscription("2", variant, cancelled, updated)));
    }

    private static void assertAsDocumented(String operation, int status, Reply reply) {
        DocumentedResponse documented = DocumentedResponse.named(operation + " " + status);
        assertThat(documented.differences(reply.status(), reply.headers(), reply.body(), UNSENT))
                .as(() -> documented.name() + " was answered " + reply.status() + " with " + reply.text())
                .isEmpty();
    }

    private static Reply call(String operation, Account account) {
        return Objects.requireNonNull(CALLS.get(operation)).apply(account);
    }

    private Reply call(String operation) {
        boolean buys = !Set.of("createPortal", "changeSubscription", "cancelSubscription", "cancelMapSubscription")
                .contains(operation);
        return call(operation, buys ? service.register() : subscriber);
    }

    private long pages() {
        return service.database()
                .sql("SELECT count(*) FROM billing_checkout WHERE url IS NOT NULL")
                .query(Long.class)
                .single();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "createCheckout",
                "changeSubscription",
                "cancelSubscription",
                "createPortal",
                "addCredits",
                "createBillingCheckout",
                "cancelMapSubscription"
            })
    void whatACompanyRefusesIsAnsweredInItsWordsAndWhereItIsAwayAskedForAgainLater(String operation) {
        long before = pages();
        String plan = subscriber.get("/billing/subscription").text();

        companies.stubFor(any(anyUrl()).willReturn(jsonResponse(REFUSAL, 402)));
        Reply refused = call(operation);
        assertAsDocumented(operation, 402, refused);
        assertThat(refused.text()).contains("Your card was declined.");
        companies.stubFor(
                any(anyUrl()).willReturn(jsonResponse(REFUSAL.replace("card_error", "invalid_request_error"), 400)));
        assertAsDocumented(operation, 400, call(operation));
        for (int status : new int[] {401, 429, 500, 503}) {
            companies.stubFor(any(anyUrl()).willReturn(jsonResponse(REFUSAL, status)));
            Reply away = call(operation);
            assertAsDocumented(operation, 503, away);
            assertThat(away.header("Retry-After")).isEqualTo("60");
            assertThat(away.text()).doesNotContain("declined").doesNotContain("_of_the_flow_tests");
        }

        assertThat(pages()).isEqualTo(before);
        assertThat(subscriber.get("/billing/subscription").text()).isEqualTo(plan);
    }

    @Test
    void whatCompaniesAnswerIsPassedOnAsDocumented() {
        open();
        Account buyer = service.register();
        Account changing = subscribe("2");

        for (String operation : new String[] {"createCheckout", "addCredits", "createBillingCheckout"}) {
            assertAsDocumented(operation, 200, call(operation, buyer));
        }
        for (String operation :
                new String[] {"createPortal", "changeSubscription", "cancelSubscription", "cancelMapSubscription"}) {
            assertAsDocumented(operation, 200, call(operation, changing));
        }
        companies.stubFor(patch(urlPathEqualTo("/v1/subscriptions/2"))
                .willReturn(lemonSqueezy(43, false, "2026-03-01T12:00:03")));
        assertAsDocumented("resumeSubscription", 200, call("resumeSubscription", changing));

        JsonNode details = changing.get("/billing/subscription").json();
        assertThat(details.at("/subscription/plan_id").asText()).isEqualTo("enterprise");
        assertThat(details.at("/subscription/cancel_at_period_end").asBoolean(true))
                .isFalse();
        assertThat(details.at("/billing/payment_method").asText()).isEqualTo("card_ending_4242");
    }

    @Test
    void aSecondClickOnBuyAsksTheCompanyOnce() {
        open();
        companies.resetRequests();
        Account buyer = service.register();

        for (String operation : new String[] {"createCheckout", "addCredits"}) {
            String first = call(operation, buyer).expect(200).text();
            assertThat(call(operation, buyer).expect(200).text()).isEqualTo(first);
        }

        companies.verify(1, postRequestedFor(urlPathEqualTo("/v1/checkouts")));
        companies.verify(1, postRequestedFor(urlPathEqualTo("/v1/checkout/sessions")));
        assertThat(companies.findAll(postRequestedFor(urlPathEqualTo("/v1/checkout/sessions"))))
                .allSatisfy(request ->
                        assertThat(request.getHeader("Idempotency-Key")).startsWith("checkout-"));
    }

    @Test
    void aServiceThatTakesNoPaymentsSaysSo() {
        try (LimitedService none =
                new LimitedService("none", "--bactrian.rate-limit.enabled=false", "--bactrian.billing.sandbox=false")) {
            Account account = none.service().register();

            assertAsDocumented("addCredits", 503, call("addCredits", account));
            assertAsDocumented("createCheckout", 503, call("createCheckout", account));
            assertAsDocumented("receiveStripeEvent", 503, SignedEvents.stripe(none.service(), "{}"));
            assertAsDocumented("receiveLemonSqueezyEvent", 503, SignedEvents.lemonSqueezy(none.service(), "{}"));
            none.service()
                    .call("GET", "/sandbox/checkout/7c3c4a0e-6f0e-4a53-9d7b-0f2d3a1b5c6d")
                    .send()
                    .expect(404);
        }
    }
}
