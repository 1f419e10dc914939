package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the clock does to checkouts and events. */
class BillingHousekeepingTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final BillingNode NODE = new BillingNode(DATABASE, CLOCK);

    private final BillingHousekeeping housekeeping = NODE.get(BillingHousekeeping.class);
    private UUID account;

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        DATABASE.jdbc().sql("TRUNCATE billing_checkout, billing_event").update();
        account = NODE.open();
    }

    private UUID bought() {
        String url = NODE.get(Purchases.class).buy(account, "small").url();
        return UUID.fromString(url.substring(url.lastIndexOf('/') + 1));
    }

    private static String status(UUID checkout) {
        return DATABASE.jdbc()
                .sql("SELECT status FROM billing_checkout WHERE id = ?")
                .param(checkout)
                .query(String.class)
                .optional()
                .orElse("none");
    }

    private void pay(UUID checkout) {
        NODE.take(
                Provider.STRIPE,
                new CheckoutEnded(
                        "cs_test_" + checkout.toString().replace("-", ""),
                        new Owner(account, checkout, null, null),
                        CheckoutOutcome.PAID,
                        "pi_" + checkout,
                        1000,
                        CLOCK.instant()));
    }

    @Test
    void aCheckoutExpiresWhenItsPageDoes() {
        UUID checkout = bought();
        housekeeping.expireCheckouts();
        assertThat(status(checkout)).isEqualTo("OPEN");

        CLOCK.advance(Duration.ofMinutes(50));
        assertThat(housekeeping.expireCheckouts()).isFalse();

        assertThat(status(checkout)).isEqualTo("EXPIRED");
        assertThat(bought()).isNotEqualTo(checkout);
    }

    @Test
    void anExpiredCheckoutThatIsPaidAllTheSameIsPaid() {
        UUID checkout = bought();
        long before = NODE.credits(account);
        CLOCK.advance(Duration.ofMinutes(51));
        housekeeping.expireCheckouts();

        pay(checkout);

        assertThat(status(checkout)).isEqualTo("PAID");
        assertThat(NODE.credits(account)).isEqualTo(before + 500);
    }

    @Test
    void unpaidCheckoutsAreForgottenAndPaidOnesStay() {
        UUID unpaid = bought();
        CLOCK.advance(Duration.ofMinutes(51));
        housekeeping.expireCheckouts();
        UUID paid = bought();
        pay(paid);

        CLOCK.advance(Duration.ofDays(89));
        housekeeping.forgetUnpaidCheckouts();
        assertThat(status(unpaid)).isEqualTo("EXPIRED");
        CLOCK.advance(Duration.ofDays(2));
        assertThat(housekeeping.forgetUnpaidCheckouts()).isFalse();

        assertThat(status(unpaid)).isEqualTo("none");
        assertThat(status(paid)).isEqualTo("PAID");
    }

    @Test
    void eventsThatAreDoneAreForgottenAfterFourHundredDaysAndOthersStay() {
        for (EventStatus status : EventStatus.values()) {
            Instant old = CLOCK.instant().minus(Duration.ofDays(401));
            add(status, old);
            add(status, CLOCK.instant());
        }

        assertThat(housekeeping.forgetOldEvents()).isFalse();

        assertThat(events("APPLIED", "KEPT")).isEqualTo(2);
        assertThat(events("RECEIVED", "WAITING", "FAILED")).isEqualTo(6);
    }

    @Test
    void soManyOldEventsTakeSeveralTurns() {
        DATABASE.jdbc().sql("""
                        INSERT INTO billing_event (id, provider, provider_id, sandbox, type, body, status, attempts,
                               created_at, received_at, version)
                        SELECT gen_random_uuid(), 'STRIPE', 'evt_' || n, true, 'x', '{}', 'APPLIED', 0, '2000-01-01',
                               '2000-01-01', 0 FROM generate_series(1, 1001) n""").update();

        assertThat(housekeeping.forgetOldEvents()).isTrue();
        assertThat(events("APPLIED")).isEqualTo(1);
        assertThat(housekeeping.forgetOldEvents()).isFalse();
        assertThat(events("APPLIED")).isZero();
    }

    private static void add(EventStatus status, Instant received) {
        ProviderMessage message =
                new ProviderMessage(Provider.STRIPE, "evt_" + UUID.randomUUID(), "price.created", received, "{}");
        ProviderEvent event = new ProviderEvent(message, true, received);
        event.status = status;
        NODE.in(() -> NODE.get(BillingRecords.class).add(event));
    }

    private static long events(String... statuses) {
        return DATABASE.jdbc()
                .sql("SELECT count(*) FROM billing_event WHERE status IN (:statuses)")
                .param("statuses", List.of(statuses))
                .query(Long.class)
                .single();
    }
}
