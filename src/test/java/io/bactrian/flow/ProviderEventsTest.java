package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events of payment providers as they come in, and those that are not theirs. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderEventsTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private static final String STRIPE = "/billing/webhooks/stripe";
    private static final String LEMON_SQUEEZY = "/billing/webhooks/lemonsqueezy";

    private final Service service;

    ProviderEventsTest(Service service) {
        this.service = service;
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** A kind of event that nothing here depends on. */
    private static String stripeEvent(String id) {
        return """
                {"id": "evt_%s", "object": "event", "created": 1767225600, "livemode": false, "type": "price.created",
                 "data": {"object": {"id": "price_1", "object": "price", "nickname": "café €"}}}""".formatted(id);
    }

    private Reply stripe(String body, String signature) {
        return service.call("POST", STRIPE)
                .header("Stripe-Signature", signature)
                .text("application/json", body)
                .send();
    }

    private static String signature(String body, long secondsAgo) {
        return SignedEvents.stripeSignature(
                SignedEvents.STRIPE_SECRET, body, System.currentTimeMillis() / 1000 - secondsAgo);
    }

    private long stored(String id) {
        return service.database()
                .sql("SELECT count(*) FROM billing_event WHERE body LIKE ?")
                .param("%" + id + "%")
                .query(Long.class)
                .single();
    }

    private void assertRefused(Reply reply, String id) {
        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.text()).doesNotContain("whsec", "secret_of", "Exception");
        assertThat(stored(id)).isZero();
    }

    @Test
    void anEventIsStoredAsItCameOnceHoweverOftenItComes() {
        String id = id();
        String body = stripeEvent(id);

        for (int time = 0; time < 3; time++) {
            assertThat(SignedEvents.stripe(service, body).expect(200).json())
                    .isEqualTo(TaskRequest.parse("{\"received\": true}"));
        }

        assertThat(stored(id)).isEqualTo(1);
        await().atMost(LONG_ENOUGH)
                .until(() -> service.database()
                        .sql("SELECT status FROM billing_event WHERE provider_id = ?")
                        .param("evt_" + id)
                        .query(String.class)
                        .single()
                        .equals("KEPT"));
    }

    @Test
    void aWrongOldFutureOrMissingSignatureIsRefusedAndChangesNothing() {
        String id = id();
        String body = stripeEvent(id);
        long now = System.currentTimeMillis() / 1000;

        assertRefused(stripe(body, SignedEvents.stripeSignature("whsec_another", body, now)), id);
        assertRefused(stripe(body, signature(body, 400)), id);
        assertRefused(stripe(body, signature(body, -400)), id);
        assertRefused(stripe(body, signature(body, 0).replace("v1=", "v0=")), id);
        assertRefused(stripe(body, "t=" + now), id);
        assertRefused(stripe(body, ""), id);
        assertRefused(
                service.call("POST", STRIPE).text("application/json", body).send(), id);
    }

    @Test
    void aBodyThatIsChangedByOneByteIsRefusedAndChangesNothing() {
        String id = id();
        String body = stripeEvent(id);
        String signature = signature(body, 0);
        String squeezed =
                "{\"meta\": {\"event_name\": \"license_key_created\"}, \"data\": {\"id\": \"%s\"}}".formatted(id);

        assertRefused(stripe(body.replace("1767225600", "1767225601"), signature), id);
        assertRefused(stripe(body + " ", signature), id);
        assertRefused(
                service.call("POST", LEMON_SQUEEZY)
                        .header(
                                "X-Signature",
                                SignedEvents.lemonSqueezySignature(SignedEvents.LEMON_SQUEEZY_SECRET, squeezed))
                        .text("application/json", squeezed.replace("created", "CREATED"))
                        .send(),
                id);
        assertRefused(
                service.call("POST", LEMON_SQUEEZY)
                        .header("X-Signature", SignedEvents.lemonSqueezySignature("another", squeezed))
                        .text("application/json", squeezed)
                        .send(),
                id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "null", "{\"id\": 1}", "not JSON", "{\"id\": \"evt_x\", \"type\": {}}"})
    void whatIsSignedAndIsNoEventIsRefused(String body) {
        SignedEvents.stripe(service, body).assertSelextractError(400, "validation_error");
        SignedEvents.lemonSqueezy(service, body).assertSelextractError(400, "validation_error");
    }

    @Test
    void anEventOfMoreThan256KilobytesIsRefused() {
        String body = stripeEvent(id()).replace("café", "x".repeat(256 << 10));

        SignedEvents.stripe(service, body).assertSelextractError(413, "payload_too_large");
    }

    @Test
    void administratorsSeeWhatFailedAndHaveItAppliedAgain() {
        String id = id();
        Account account = service.register();
        String accountId = service.call("GET", "/auth/me")
                .as(account.newKey("prod", "tasks:read"))
                .send()
                .json()
                .path("id")
                .asText();
        SignedEvents.stripe(service, """
                        {"id": "evt_%1$s", "object": "event", "created": 1767225600, "livemode": false,
                         "type": "customer.subscription.created", "data": {"object":
                        {"id": "sub_%1$s", "object": "subscription", "customer": "cus_%1$s", "status": "active", "quantity": 1,
                         "created": 1767225600, "start_date": 1767225600, "cancel_at_period_end": false,
                         "metadata": {"account_id": "%2$s", "plan_id": "discontinued"},
                         "items": {"object": "list", "data": [{"id": "si_1", "object": "subscription_item", "quantity": 1,
                          "current_period_start": 1767225600, "current_period_end": 1769904000,
                          "price": {"id": "price_of_nothing", "object": "price"}}]}}}}""".formatted(id, accountId)).expect(200);

        var failed = await().atMost(LONG_ENOUGH)
                .until(
                        () -> {
                            for (var event : service.administrator()
                                    .get("/admin/billing/events?status=failed&page_size=100")
                                    .expect(200)
                                    .json()) {
                                if (event.path("provider_id").asText().equals("evt_" + id)) {
                                    return event;
                                }
                            }
                            return TaskRequest.parse("null");
                        },
                        event -> event.isObject());

        assertThat(failed.path("reason").asText()).contains("price_of_nothing");
        String again = "/admin/billing/events/" + failed.path("id").asText() + "/apply";
        service.administrator().call("POST", again).send().expect(200);
        account.call("POST", again).send().assertSelextractError(403, "authorization_error");
        account.get("/admin/billing/events").assertSelextractError(403, "authorization_error");
        service.administrator()
                .call("POST", "/admin/billing/events/x/apply")
                .send()
                .assertSelextractError(404, "resource_not_found");
    }
}
