package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.SubscriptionState;
import java.time.Instant;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Periods on a machine whose calendar is fourteen hours ahead of UTC, or behind: there, a month's end is another day. The
 * database's connections are opened there too.
 */
class PeriodsInAnyTimeZoneTest {
    private static final TimeZone BEFORE = TimeZone.getDefault();

    private static TestDatabase database;
    private static SettableClock clock;
    private static BillingNode node;

    private UUID account = UUID.randomUUID();

    @BeforeAll
    static void travel() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
        database = TestDatabase.create();
        clock = new SettableClock();
        node = new BillingNode(database, clock);
    }

    @AfterAll
    static void comeHome() {
        try {
            assertThat(node.differences()).isEmpty();
            node.close();
            database.close();
        } finally {
            TimeZone.setDefault(BEFORE);
        }
    }

    private void open(String time) {
        node.at(time);
        account = node.open();
    }

    private void renewAt(String time) {
        node.at(time);
        node.periods().renewDue();
    }

    private void subscribe(String variant, String start, String end) {
        Owner owner = new Owner(account, null, null, "sub-" + account);
        Instant from = Instant.parse(start);
        node.take(
                Provider.LEMONSQUEEZY,
                new SubscriptionState(
                        "sub-" + account,
                        owner,
                        variant,
                        null,
                        1,
                        SubscriptionStatus.ACTIVE,
                        null,
                        Instant.parse(end),
                        false,
                        null,
                        from,
                        null,
                        from));
        pay("first", InvoiceReason.FIRST, from);
    }

    private void pay(String name, InvoiceReason reason, Instant created) {
        node.take(
                Provider.LEMONSQUEEZY,
                new InvoiceState(
                        name + "-" + account,
                        new Owner(account, null, null, "sub-" + account),
                        "sub-" + account,
                        null,
                        null,
                        name,
                        name,
                        reason,
                        InvoiceStatus.PAID,
                        1000,
                        0,
                        "USD",
                        null,
                        null,
                        created,
                        null,
                        created,
                        null,
                        created));
    }

    private List<Instant> period() {
        return node.period(account);
    }

    private static List<Instant> between(String start, String end) {
        return List.of(Instant.parse(start), Instant.parse(end));
    }

    @ParameterizedTest
    @CsvSource({
        // The day that has begun on the machine, and not in UTC, is no new period.
        "2026-01-31T08:30:00Z, 2026-02-28T08:29:59Z, 2026-01-31T08:30:00Z, 2026-02-28T08:30:00Z",
        "2026-01-31T08:30:00Z, 2026-02-28T08:30:00Z, 2026-02-28T08:30:00Z, 2026-03-31T08:30:00Z",
        "2026-01-31T23:30:00Z, 2026-02-28T23:29:59Z, 2026-01-31T23:30:00Z, 2026-02-28T23:30:00Z",
        "2026-01-31T23:30:00Z, 2026-05-01T00:00:00Z, 2026-04-30T23:30:00Z, 2026-05-31T23:30:00Z",
        // 31 January here is 1 February there.
        "2026-01-31T10:00:00Z, 2026-03-31T09:59:59Z, 2026-02-28T10:00:00Z, 2026-03-31T10:00:00Z",
        "2028-02-29T12:00:00Z, 2028-03-29T12:00:00Z, 2028-03-29T12:00:00Z, 2028-04-29T12:00:00Z",
        "2027-12-31T11:00:00Z, 2028-03-01T00:00:00Z, 2028-02-29T11:00:00Z, 2028-03-31T11:00:00Z"
    })
    void theCalendarOfAnAccountIsThatOfItsFirstMoment(String anchor, String now, String start, String end) {
        open(anchor);

        renewAt(now);

        assertThat(period()).isEqualTo(between(start, end));
        assertThat(node.units(account).available()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-31T12:00:00Z, 2026-02-28T12:00:00Z, 2026-03-31T12:00:00Z",
        "2028-01-31T12:00:00Z, 2028-02-29T12:00:00Z, 2028-03-31T12:00:00Z",
        "2028-02-29T23:00:00Z, 2028-03-29T23:00:00Z, 2028-04-29T23:00:00Z"
    })
    void paidMonthsBeginAndEndWhenTheProviderSays(String start, String end, String next) {
        open(start);
        subscribe("11", start, end);
        assertThat(period()).isEqualTo(between(start, end));

        renewAt(end);
        assertThat(period()).as("a month that nobody has paid for").isEqualTo(between(start, end));
        SubscriptionState renewed = new SubscriptionState(
                "sub-" + account,
                new Owner(account, null, null, "sub-" + account),
                "11",
                null,
                1,
                SubscriptionStatus.ACTIVE,
                null,
                Instant.parse(next),
                false,
                null,
                Instant.parse(start),
                null,
                Instant.parse(end));
        node.take(Provider.LEMONSQUEEZY, renewed);
        pay("second", InvoiceReason.RENEWAL, Instant.parse(end));

        assertThat(period()).isEqualTo(between(end, next));
        assertThat(node.units(account).available()).isEqualTo(10_000);
    }

    @Test
    void aPaidYearThatBeginsOnTheLastOfJanuaryHasTwelveMonths() {
        open("2027-01-31T12:00:00Z");
        subscribe("13", "2027-01-31T12:00:00Z", "2028-01-31T12:00:00Z");
        assertThat(period()).isEqualTo(between("2027-01-31T12:00:00Z", "2027-02-28T12:00:00Z"));
        long before = node.transfers(account, "refill");

        for (int month = 2; month <= 12; month++) {
            // The last second of a month in UTC is the next month on the machine.
            renewAt("2027-%02d-28T11:59:59Z".formatted(month));
            renewAt("2027-%02d-28T12:00:00Z".formatted(month));
        }
        renewAt("2027-12-31T12:00:00Z");
        renewAt("2028-01-31T11:59:59Z");

        assertThat(period()).isEqualTo(between("2027-12-31T12:00:00Z", "2028-01-31T12:00:00Z"));
        assertThat(node.transfers(account, "refill") - before).isEqualTo(11);
        renewAt("2028-03-01T00:00:00Z");
        assertThat(node.transfers(account, "refill") - before).isEqualTo(11);
    }

    @Test
    void aPaidYearThatBeginsOnALeapDayEndsOnTheTwentyEighth() {
        open("2028-02-29T12:00:00Z");
        // The provider's end is not known: the calendar tells it.
        subscribe("13", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z");

        assertThat(period()).isEqualTo(between("2028-02-29T12:00:00Z", "2028-03-29T12:00:00Z"));
        renewAt("2029-02-28T11:00:00Z");
        assertThat(period()).isEqualTo(between("2029-01-29T12:00:00Z", "2029-02-28T12:00:00Z"));
    }

    @Test
    void timesOfEntitiesAreReadAsTheyWereWritten() {
        open("2026-01-31T10:00:00Z");
        subscribe("11", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z");

        node.in(() -> {
            Subscription stored = node.get(BillingRecords.class)
                    .subscription(Provider.LEMONSQUEEZY, "sub-" + account)
                    .orElseThrow();
            assertThat(stored.periodEnd).isEqualTo("2026-02-28T10:00:00Z");
            assertThat(stored.startedAt).isEqualTo("2026-01-31T10:00:00Z");
        });
        assertThat(database.jdbc()
                        .sql(
                                "SELECT extract(epoch FROM period_end)::bigint FROM billing_subscription WHERE account_id = ?")
                        .param(account)
                        .query(Long.class)
                        .single())
                .isEqualTo(Instant.parse("2026-02-28T10:00:00Z").getEpochSecond());
    }
}
