package io.bactrian.billing;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyAt;
import io.bactrian.billing.lemonsqueezy.LemonSqueezyEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lemon Squeezy's signed events, from their bytes to the ledger. */
class LemonSqueezyMoneyTest {
    private static final String SECRET = "a-webhook-secret";

    @RegisterExtension
    static final WireMockExtension SERVER = WireMockExtension.newInstance()
            .options(WireMockConfiguration.wireMockConfig().dynamicPort())
            .build();

    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final LemonSqueezyAt lemonSqueezy = new LemonSqueezyAt(
            SERVER.baseUrl(), SECRET, Map.of("professional", "11", "enterprise", "12", "annual", "13"));
    private final BillingNode node =
            new BillingNode(database, clock, List.of(lemonSqueezy.reader()), List.of(lemonSqueezy.provider()));
    private UUID account = UUID.randomUUID();

    @BeforeEach
    void openAccount() {
        node.at("2026-03-01T10:00:00Z");
        account = node.open();
    }

    @AfterEach
    void theLedgerIsRight() throws IOException {
        try (database;
                lemonSqueezy;
                node) {
            assertThat(node.differences()).isEmpty();
        }
    }

    private String event(String name, String type, String id, String attributes) {
        return """
                {"meta": {"test_mode": false, "event_name": "%s", "custom_data": {"account_id": "%s", "plan_id": "enterprise"}},
                 "data": {"type": "%s", "id": "%s", "attributes": {"test_mode": false, %s}}}""".formatted(name, account, type, id, attributes);
    }

    private String subscription(String name, String status, String variant, String renews, String updated) {
        return event(name, "subscriptions", "9", """
                "customer_id": 7, "variant_id": %s, "status": "%s", "renews_at": "%s", "ends_at": null,
                "first_subscription_item": {"quantity": 1},
                "created_at": "2026-03-01T10:00:00.000000Z", "updated_at": "%s\"""".formatted(variant, status, renews, updated));
    }

    private String invoice(String name, String id, String reason, String status, String created, String updated) {
        return event(name, "subscription-invoices", id, """
                "subscription_id": 9, "customer_id": 7, "billing_reason": "%s", "status": "%s", "currency": "USD", "total": 2999,
                "refunded_amount": 0, "created_at": "%s", "updated_at": "%s\"""".formatted(reason, status, created, updated));
    }

    private void receive(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String signature = new String(LemonSqueezyEvents.signature(bytes, SECRET), StandardCharsets.UTF_8);
        receive(bytes, signature);
    }

    private void receive(byte[] body, String signature) {
        node.get(BillingEvents.class)
                .receive(Provider.LEMONSQUEEZY, body, header -> header.equals("X-Signature") ? signature : null);
        settle();
    }

    private void settle() {
        for (BillingEvents.Entry event : events(Set.of(EventStatus.RECEIVED, EventStatus.WAITING))) {
            node.get(BillingEvents.class).apply(event.id());
        }
    }

    private List<BillingEvents.Entry> events(Set<EventStatus> statuses) {
        return node.get(BillingEvents.class).list(statuses, 0, 100);
    }

    private String created() {
        return subscription(
                "subscription_created", "active", "11", "2026-04-01T10:00:00.000000Z", "2026-03-01T10:00:01.000000Z");
    }

    private String paid() {
        return invoice(
                "subscription_payment_success",
                "5",
                "initial",
                "paid",
                "2026-03-01T10:00:00.000000Z",
                "2026-03-01T10:00:02.000000Z");
    }

    @Test
    void whatIsRepeatedWordForWordIsOneEventAndChangesNothing() {
        receive(created());
        receive(paid());
        assertThat(node.units(account).available()).isEqualTo(10_000);
        long transfers = node.transfers(account, "refill");
        receive(subscription(
                "subscription_expired", "expired", "11", "2026-04-01T10:00:00.000000Z", "2026-03-05T10:00:00.000000Z"));
        assertThat(node.account(account).selextractPlan()).isEqualTo("free");

        // The signature has no time: somebody may repeat it for ever.
        node.at("2029-03-01T10:00:00Z");
        for (int time = 0; time < 3; time++) {
            receive(created());
            receive(paid());
        }

        assertThat(events(Set.of(EventStatus.values())))
                .hasSize(3)
                .allMatch(event -> event.status() == EventStatus.APPLIED);
        assertThat(node.account(account).selextractPlan()).isEqualTo("free");
        assertThat(node.transfers(account, "refill") - transfers).isOne();
        assertThat(node.units(account).available()).isEqualTo(1_000);
    }

    /** A delivery that the provider writes anew has other bytes, such as other signatures of links. */
    @Test
    void whatIsToldAgainInOtherBytesChangesNothingEither() {
        receive(created());
        receive(paid());
        receive(created()
                .replace(
                        "\"customer_id\"",
                        "\"urls\": {\"customer_portal\": \"https://x?signature=2\"}, \"customer_id\""));
        receive(paid().replace("subscription_payment_success", "subscription_payment_recovered"));

        assertThat(events(Set.of(EventStatus.APPLIED))).hasSize(4);
        assertThat(node.units(account).available()).isEqualTo(10_000);
        assertThat(node.transfers(account, "refill")).isEqualTo(2);
    }

    @Test
    void whatIsNotSignedIsNotStored() {
        String body = created();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String signature = new String(LemonSqueezyEvents.signature(bytes, SECRET), StandardCharsets.UTF_8);
        bytes[bytes.length - 3] ^= 1;

        assertThatThrownBy(() -> receive(bytes, signature)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> receive(body.getBytes(StandardCharsets.UTF_8), ""))
                .isInstanceOf(InvalidEventException.class);
        assertThat(events(Set.of(EventStatus.values()))).isEmpty();
    }

    @Test
    void eventsOfTestModeFailForAllToSeeAndGiveNothing() {
        answer(200, "{\"meta\": {\"test_mode\": false}}");
        receive(created().replace("\"meta\": {\"test_mode\": false", "\"meta\": {\"test_mode\": true"));
        receive(paid().replace("\"attributes\": {\"test_mode\": false", "\"attributes\": {\"test_mode\": true"));

        assertThat(events(Set.of(EventStatus.FAILED)))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.reason()).contains("test mode"));
        assertThat(node.account(account).selextractPlan()).isEqualTo("free");
        assertThat(node.units(account).available()).isEqualTo(1_000);
    }

    @Test
    void aVariantThatIsNotSoldHereGivesNoPlanWhateverTheCustomDataSay() {
        receive(created().replace("\"variant_id\": 11", "\"variant_id\": 99"));
        assertThat(node.account(account).selextractPlan()).isEqualTo("free");

        receive(created());
        receive(paid());
        receive(subscription(
                "subscription_updated", "active", "99", "2026-04-01T10:00:00.000000Z", "2026-03-02T10:00:00.000000Z"));

        assertThat(events(Set.of(EventStatus.FAILED)))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.reason()).contains("bactrian.billing.lemonsqueezy.variants"));
    }

    @Test
    void aRenewalThatIsTriedAgainDoesNotMoveTheEndOfThePaidPeriod() {
        receive(created());
        receive(paid());
        node.at("2026-04-01T10:01:00Z");
        receive(invoice(
                "subscription_payment_failed",
                "6",
                "renewal",
                "pending",
                "2026-04-01T10:00:00.000000Z",
                "2026-04-01T10:00:01.000000Z"));
        // The next attempt, in three days.
        receive(subscription(
                "subscription_updated",
                "past_due",
                "11",
                "2026-04-04T10:00:00.000000Z",
                "2026-04-01T10:00:01.000000Z"));

        assertThat(end()).isEqualTo("2026-04-01T10:00:00Z");
        node.at("2026-04-04T10:01:00Z");
        receive(invoice(
                "subscription_payment_success",
                "6",
                "renewal",
                "paid",
                "2026-04-01T10:00:00.000000Z",
                "2026-04-04T10:00:01.000000Z"));
        assertThat(node.period(account))
                .map(Object::toString)
                .containsExactly("2026-04-01T10:00:00Z", "2026-05-01T10:00:00Z");
        assertThat(node.units(account).available()).isEqualTo(10_000);
        receive(subscription(
                "subscription_updated", "active", "11", "2026-05-01T10:00:00.000000Z", "2026-04-04T10:00:02.000000Z"));
        assertThat(end()).isEqualTo("2026-05-01T10:00:00Z");
    }

    private String end() {
        return String.valueOf(node.get(Subscriptions.class)
                .find(node.account(account), PlanApi.SELEXTRACT)
                .orElseThrow()
                .periodEnd());
    }

    private static void answer(int status, String body) {
        SERVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withBody(body)));
    }

    private void answer(String status, String variant, String more) {
        answer(200, """
                {"data": {"type": "subscriptions", "id": "9", "attributes": {"customer_id": 7, "variant_id": %s, "status": "%s",
                 "renews_at": "2026-04-01T10:00:00.000000Z", "first_subscription_item": {"quantity": 1},
                 "created_at": "2026-03-01T10:00:00.000000Z", "updated_at": "2026-03-01T10:00:01.000000Z"%s}}}""".formatted(variant, status, more));
    }

    private String updated(String variant, int second) {
        return subscription(
                "subscription_updated",
                "active",
                variant,
                "2026-04-01T10:00:00.000000Z",
                "2026-03-01T10:00:0%d.000000Z".formatted(second));
    }

    private String plan() {
        return node.account(account).selextractPlan();
    }

    private PaidSubscription subscription() {
        return node.get(Subscriptions.class)
                .find(node.account(account), PlanApi.SELEXTRACT)
                .orElseThrow();
    }

    @Test
    void ofTwoStatesOfOneSecondLemonSqueezyTellsWhichOneHolds() {
        receive(created());
        answer("active", "11", "");
        receive(updated("12", 1));
        assertThat(plan()).isEqualTo("professional");
        answer("active", "12", "");
        receive(updated("13", 1));
        assertThat(plan()).isEqualTo("enterprise");
        SERVER.verify(2, getRequestedFor(urlEqualTo("/v1/subscriptions/9")));

        // The same state under another name is no other state.
        receive(updated("12", 1));
        SERVER.verify(2, getRequestedFor(urlEqualTo("/v1/subscriptions/9")));
        receive(updated("11", 2));
        assertThat(plan()).isEqualTo("professional");
    }

    @Test
    void aStateThatLemonSqueezyHasToExplainWaitsWhileItIsAway() {
        receive(created());
        answer(503, "");
        receive(updated("12", 1));
        assertThat(plan()).isEqualTo("professional");
        assertThat(events(Set.of(EventStatus.WAITING))).hasSize(1);

        answer("active", "12", "");
        settle();

        assertThat(plan()).isEqualTo("enterprise");
        assertThat(events(Set.of(EventStatus.WAITING))).isEmpty();
    }

    @Test
    void aKeyOfTestModeTakesEventsOfTestModeAndIsAskedOnce() {
        String test = created().replace("\"test_mode\": false", "\"test_mode\": true");
        answer(503, "");
        receive(test);
        assertThat(events(Set.of(EventStatus.WAITING))).hasSize(1);

        answer(200, "{\"meta\": {\"test_mode\": true}}");
        SERVER.resetRequests();
        settle();
        receive(paid().replace("\"test_mode\": false", "\"test_mode\": true"));

        assertThat(plan()).isEqualTo("professional");
        assertThat(node.units(account).available()).isEqualTo(10_000);
        SERVER.verify(1, getRequestedFor(urlEqualTo("/v1/users/me")));
    }

    @Test
    void whatAnOwnerAsksForHoldsAtOnceAndItsEventsChangeNothingMore() {
        receive(created());
        receive(paid());
        Subscriptions subscriptions = node.get(Subscriptions.class);

        answer("cancelled", "11", ", \"ends_at\": \"2026-04-01T10:00:00.000000Z\"");
        assertThat(subscriptions.cancel(account, PlanApi.SELEXTRACT).cancelAtPeriodEnd())
                .isTrue();
        subscriptions.cancel(account, PlanApi.SELEXTRACT);
        SERVER.verify(1, deleteRequestedFor(urlEqualTo("/v1/subscriptions/9")));
        assertThat(subscription().periodEnd()).isEqualTo("2026-04-01T10:00:00Z");
        receive(subscription(
                        "subscription_cancelled",
                        "cancelled",
                        "11",
                        "2026-04-01T10:00:00.000000Z",
                        "2026-03-01T10:00:03.000000Z")
                .replace("\"ends_at\": null", "\"ends_at\": \"2026-04-01T10:00:00.000000Z\""));

        answer("active", "11", "");
        assertThat(subscriptions.resume(account, PlanApi.SELEXTRACT).cancelAtPeriodEnd())
                .isFalse();
        assertThat(plan()).isEqualTo("professional");

        answer("active", "12", "");
        assertThat(subscriptions
                        .change(account, PlanApi.SELEXTRACT, "enterprise")
                        .planId())
                .isEqualTo("enterprise");
        assertThat(node.units(account).available()).isEqualTo(100_000);
        receive(updated("12", 5));
        receive(invoice(
                "subscription_payment_success",
                "6",
                "updated",
                "paid",
                "2026-03-01T10:00:05.000000Z",
                "2026-03-01T10:00:06.000000Z"));
        assertThat(node.units(account).available()).isEqualTo(100_000);
        assertThat(end()).isEqualTo("2026-04-01T10:00:00Z");
    }

    @Test
    void whatLemonSqueezyLeavesAsItWasOrRefusesChangesNothing() {
        receive(created());
        receive(paid());
        Subscriptions subscriptions = node.get(Subscriptions.class);

        answer("active", "11", "");
        assertThatThrownBy(() -> subscriptions.change(account, PlanApi.SELEXTRACT, "enterprise"))
                .isInstanceOf(PaymentRefusedException.class)
                .hasMessageContaining("PayPal");
        answer(422, "{\"errors\": [{\"detail\": \"The card was declined.\"}]}");
        assertThatThrownBy(() -> subscriptions.change(account, PlanApi.SELEXTRACT, "enterprise"))
                .hasMessage("The card was declined.");
        answer(503, "");
        assertThatThrownBy(() -> subscriptions.cancel(account, PlanApi.SELEXTRACT))
                .isInstanceOf(PaymentProviderUnavailableException.class);

        assertThat(subscription().planId()).isEqualTo("professional");
        assertThat(subscription().cancelAtPeriodEnd()).isFalse();
        assertThat(node.units(account).available()).isEqualTo(10_000);
    }
}
