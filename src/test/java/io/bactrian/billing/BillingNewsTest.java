package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.PaymentFailed;
import io.bactrian.billing.BillingFact.SubscriptionState;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What accounts are told of their money, and that it is told once. */
class BillingNewsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final BillingNode NODE = new BillingNode(DATABASE, CLOCK);
    private static final ObjectMapper JSON = new ObjectMapper();

    private UUID account;

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        account = NODE.open();
        DATABASE.jdbc().sql("TRUNCATE outbox").update();
    }

    private Owner owner() {
        return new Owner(account, null, "cus-" + account, "sub-" + account);
    }

    private SubscriptionState state(SubscriptionStatus status, int second) {
        Instant start = Instant.parse("2026-03-01T10:00:00Z");
        return new SubscriptionState(
                "sub-" + account,
                owner(),
                "11",
                null,
                1,
                status,
                start,
                Instant.parse("2026-04-01T10:00:00Z"),
                false,
                null,
                start,
                null,
                start.plusSeconds(second));
    }

    private static List<JsonNode> sent(String destination, String column) {
        return DATABASE
                .jdbc()
                .sql("SELECT %s FROM outbox WHERE destination = ? ORDER BY created_at".formatted(column))
                .param(destination)
                .query(String.class)
                .list()
                .stream()
                .map(BillingNewsTest::json)
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachChangeOfASubscriptionIsToldOnce() {
        NODE.take(
                Provider.LEMONSQUEEZY,
                state(SubscriptionStatus.ACTIVE, 1),
                state(SubscriptionStatus.ACTIVE, 1),
                state(SubscriptionStatus.PAST_DUE, 2),
                state(SubscriptionStatus.ACTIVE, 1));

        assertThat(sent("TASKS_EVENTS", "body"))
                .extracting(event -> event.at("/data/status").asText())
                .containsExactly("active", "past_due");
        assertThat(sent("TASKS_EVENTS", "properties"))
                .allSatisfy(properties -> {
                    assertThat(properties.path("account_id").asText()).isEqualTo(account.toString());
                    assertThat(properties.path("type").asText()).isEqualTo("subscription.updated");
                    assertThat(properties.path("task_id").asText()).startsWith("sub_");
                })
                .extracting(properties -> properties.path("status").asText())
                .containsExactly("active", "past_due");
        assertThat(sent("WEBHOOKS_EVENTS", "body")).hasSize(2);
    }

    @Test
    void aPurchaseIsToldOnceByTheNumberThatMapscrapersClientsKnow() {
        Checkout checkout = new Checkout(
                account,
                Provider.STRIPE,
                true,
                CheckoutKind.PACKAGE,
                "small",
                1900,
                500,
                "s",
                "c",
                CLOCK.instant(),
                CLOCK.instant());
        checkout.providerId = "cs-" + account;
        NODE.in(() -> NODE.get(BillingRecords.class).add(checkout));
        CheckoutEnded paid = new CheckoutEnded(
                "cs-" + account,
                new Owner(account, checkout.id, null, null),
                CheckoutOutcome.PAID,
                "pi-" + account,
                1900,
                CLOCK.instant());

        NODE.take(Provider.STRIPE, paid, paid);

        assertThat(sent("TASKS_EVENTS", "body")).singleElement().satisfies(event -> {
            assertThat(event.path("type").asText()).isEqualTo("credits.purchased");
            assertThat(event.at("/data/userId").asLong())
                    .isEqualTo(NODE.account(account).number());
            assertThat(event.at("/data/credits").asLong()).isEqualTo(500);
            assertThat(event.at("/data/amount").asText()).isEqualTo("19.0");
        });
    }

    @Test
    void aPaymentThatFailsIsALetterToTheAccount() {
        NODE.take(Provider.LEMONSQUEEZY, state(SubscriptionStatus.ACTIVE, 1));

        NODE.take(
                Provider.LEMONSQUEEZY,
                new PaymentFailed("in_1", new Owner(null, null, null, "sub-" + account), 2900, "USD", CLOCK.instant()));

        assertThat(sent("MAILS_SEND", "body")).singleElement().satisfies(letter -> {
            assertThat(letter.at("/mail/to").asText())
                    .isEqualTo(NODE.account(account).email());
            assertThat(letter.at("/mail/subject").asText()).isEqualTo("A payment has failed");
            assertThat(letter.toString())
                    .contains(
                            "Lemon Squeezy could not take 29.00 USD for your plan.",
                            "POST /billing/portal?api=selextract ");
        });
    }
}
