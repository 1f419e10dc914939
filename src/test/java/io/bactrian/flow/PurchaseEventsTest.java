package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.event.EventType;
import io.bactrian.flow.QueueProducer.Received;
import io.bactrian.flow.QueueProducer.Subscription;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an account's webhooks and the topic tell of its purchases. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PurchaseEventsTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    private final Service service;
    private final BrokerPort broker;
    private final MisbehavingOrigin receiver = MisbehavingOrigin.startAt(RunningService.RECEIVER);

    PurchaseEventsTest(Service service, BrokerPort broker) {
        this.service = service;
        this.broker = broker;
    }

    @AfterAll
    void close() {
        receiver.close();
    }

    private String webhook(Account owner, String path, String events) {
        receiver.on(path, Behaviours.status(204));
        String body = "{\"url\": \"%s\", \"events\": [%s]}".formatted(receiver.url(path), events);
        return owner.post("/webhooks", TaskRequest.parse(body))
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    /** The first event of a type that has come to a path. */
    private JsonNode told(String path, String type) {
        return await().atMost(LONG_ENOUGH)
                .until(
                        () -> receiver.requestsFor(path).stream()
                                .map(request -> TaskRequest.parse(request.body()))
                                .filter(event -> event.path("type").asText().equals(type))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void aPackageAndAPlanAreToldToTheWebhookAndTheTopicOncePaid() {
        Account owner = service.register();
        webhook(owner, "/purchases", "\"subscription.updated\", \"credits.purchased\"");
        String credits = SandboxPurchases.begin(owner, "small");
        String plan = SandboxPurchases.begin(owner, "professional", "https://shop.example/", "https://shop.example/");
        try (QueueProducer listener = broker.producer(BrokerPort.Protocol.CORE)) {
            Subscription topic = listener.subscribe(
                    "bactrian.tasks.events",
                    "type IN ('subscription.updated', 'credits.purchased') AND account_id = '%s'"
                            .formatted(idOf(owner)));
            SandboxPurchases.choose(owner, credits, "pay").expect(303);
            SandboxPurchases.choose(owner, plan, "pay").expect(303);

            JsonNode purchase = told("/purchases", "credits.purchased").path("data");
            assertThat(purchase.path("packageId").asText()).isEqualTo("small");
            assertThat(purchase.path("credits").asInt()).isEqualTo(500);
            assertThat(purchase.path("amount").decimalValue()).isEqualByComparingTo("19.00");
            assertThat(purchase.path("currency").asText()).isEqualTo("USD");
            assertThat(purchase.path("userId").isIntegralNumber()).isTrue();
            JsonNode subscription = told("/purchases", "subscription.updated").path("data");
            assertThat(subscription.path("userId").asText())
                    .isEqualTo(idOf(owner).toString());
            assertThat(subscription.path("subscriptionId").asText()).startsWith("sub_");
            assertThat(subscription.path("api").asText()).isEqualTo("selextract");
            assertThat(subscription.path("planId").asText()).isEqualTo("professional");
            assertThat(subscription.path("status").asText()).isEqualTo("active");
            assertThat(subscription.path("currentPeriodEnd").asText()).endsWith("Z");
            assertThat(subscription.path("cancelAtPeriodEnd").asBoolean(true)).isFalse();

            List<Received> events = new ArrayList<>();
            for (int count = 0; count < 2; count++) {
                events.add(Objects.requireNonNull(topic.next(30_000), "an event on the topic"));
            }
            assertThat(events)
                    .extracting(event -> event.properties().get("type"))
                    .containsExactlyInAnyOrder("credits.purchased", "subscription.updated");
            assertThat(events).allSatisfy(event -> {
                boolean bought = event.properties().containsValue("credits.purchased");
                assertThat(event.properties())
                        .containsEntry("status", bought ? "purchased" : "active")
                        .containsEntry(
                                "task_id",
                                bought
                                        ? credits.substring(credits.lastIndexOf('/') + 1)
                                        : subscription.path("subscriptionId").asText())
                        .containsKey("event_id");
            });
        }
    }

    private UUID idOf(Account owner) {
        return service.database()
                .sql("SELECT id FROM account WHERE email = ?")
                .param(owner.email())
                .query(UUID.class)
                .single();
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBSCRIPTION_UPDATED", "CREDITS_PURCHASED"})
    void aTestOfAWebhookSendsASample(EventType type) {
        Account owner = service.register();
        String path = "/" + type.code();
        String id = webhook(owner, path, "\"" + type.code() + "\"");

        owner.post("/webhooks/" + id + "/test", TaskRequest.parse("{}")).expect(200);

        assertThat(told(path, type.code()).at("/data/test").asBoolean()).isTrue();
    }
}
