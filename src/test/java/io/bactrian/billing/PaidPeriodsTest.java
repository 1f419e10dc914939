package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.Account;
import io.bactrian.billing.BillingFact.DisputeOutcome;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.credit.Currency;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What payments and states of subscriptions do to the periods of plans. Facts are as each provider tells them: Stripe's invoices
 * have a price and a period, Lemon Squeezy's have neither.
 */
class PaidPeriodsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final BillingNode NODE = new BillingNode(DATABASE, CLOCK);
    private static final Instant MARCH = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant CHANGE = Instant.parse("2026-03-11T10:00:00Z");
    private static final Instant APRIL = Instant.parse("2026-04-01T10:00:00Z");
    private static final Instant MAY = Instant.parse("2026-05-01T10:00:00Z");
    private static final Instant MONTH_AFTER_CHANGE = Instant.parse("2026-04-11T10:00:00Z");
    private static final Instant YEAR_AFTER_CHANGE = Instant.parse("2027-03-11T10:00:00Z");

    private UUID account;

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        NODE.at("2026-03-01T10:00:00Z");
        account = NODE.open();
    }

    @AfterEach
    void theLedgerIsRight() {
        assertThat(NODE.differences()).isEmpty();
    }

    private String id(String name) {
        return name + "-" + account;
    }

    private Owner owner() {
        return new Owner(account, null, id("customer"), id("sub"));
    }

    private static String price(String plan) {
        return switch (plan) {
            case "professional" -> "11";
            case "enterprise" -> "12";
            case "annual" -> "13";
            default -> "price_" + plan;
        };
    }

    private SubscriptionState state(
            String plan, SubscriptionStatus status, @Nullable Instant start, @Nullable Instant end, Instant at) {
        return state(plan, 1, status, start, end, at);
    }

    private SubscriptionState state(
            String plan,
            int quantity,
            SubscriptionStatus status,
            @Nullable Instant start,
            @Nullable Instant end,
            Instant at) {
        return new SubscriptionState(
                id("sub"),
                owner(),
                price(plan),
                null,
                quantity,
                status,
                start,
                end,
                false,
                null,
                MARCH,
                status == SubscriptionStatus.ENDED ? at : null,
                at);
    }

    /** As Lemon Squeezy tells it: without the period's beginning, and without its end unless it is paid for. */
    private SubscriptionState squeezed(String plan, SubscriptionStatus status, @Nullable Instant end, Instant at) {
        return state(plan, status, null, end, at);
    }

    private InvoiceState squeezed(String name, InvoiceReason reason, InvoiceStatus status, Instant created) {
        return invoice(name, reason, null, status, null, null, created);
    }

    private InvoiceState invoice(
            String name,
            InvoiceReason reason,
            @Nullable String plan,
            InvoiceStatus status,
            @Nullable Instant start,
            @Nullable Instant end,
            Instant created) {
        return new InvoiceState(
                id(name),
                owner(),
                id("sub"),
                plan == null ? null : price(plan),
                null,
                name,
                name,
                reason,
                status,
                2900,
                0,
                "USD",
                start,
                end,
                created,
                null,
                status.paid() ? created : null,
                null,
                created.plusSeconds(status.paid() ? 1 : 0));
    }

    private InvoiceState stripe(String name, InvoiceReason reason, String plan, Instant start, Instant end) {
        return invoice(name, reason, plan, InvoiceStatus.PAID, start, end, start);
    }

    /** Each in a transaction of its own; what depends on another waits until that has come. */
    private static void told(Provider provider, List<? extends BillingFact> facts) {
        Deque<BillingFact> waiting = new ArrayDeque<>(facts);
        int early = 0;
        while (!waiting.isEmpty()) {
            BillingFact fact = waiting.removeFirst();
            try {
                NODE.take(provider, fact);
                early = 0;
            } catch (OwnerUnknownException e) {
                waiting.addLast(fact);
                assertThat(++early).as("facts that wait for nothing").isLessThanOrEqualTo(waiting.size());
            }
        }
    }

    private void subscribe(String plan, Instant end) {
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed(plan, SubscriptionStatus.ACTIVE, end, MARCH),
                squeezed("first", InvoiceReason.FIRST, InvoiceStatus.PAID, MARCH));
    }

    private void use(long units) {
        NODE.in(() -> {
            String reference = "task:" + UUID.randomUUID();
            NODE.ledger().reserve(account, Currency.COMPUTE_UNITS, units, reference, "Task");
            NODE.ledger().settle(account, Currency.COMPUTE_UNITS, units, reference, "Task");
        });
    }

    private long available() {
        return NODE.units(account).available();
    }

    private Instant paidUntil(PlanApi api) {
        return DATABASE.jdbc()
                .sql("SELECT paid_until FROM plan_period WHERE account_id = ? AND api = ?")
                .params(account, api.column())
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .single();
    }

    private void renewAt(String time) {
        NODE.at(time);
        NODE.periods().renewDue();
    }

    private PaidSubscription subscription(PlanApi api) {
        return NODE.get(Subscriptions.class).find(NODE.account(account), api).orElseThrow();
    }

    @Test
    void anUpgradeWithinAPeriodRaisesItsUnitsAndLeavesTheDates() {
        subscribe("professional", APRIL);
        use(400);
        NODE.at("2026-03-11T10:00:00Z");

        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("enterprise", SubscriptionStatus.ACTIVE, APRIL, CHANGE),
                squeezed("change", InvoiceReason.CHANGE, InvoiceStatus.PAID, CHANGE));

        assertThat(available()).isEqualTo(99_600);
        assertThat(NODE.period(account)).containsExactly(MARCH, APRIL);
        assertThat(paidUntil(PlanApi.SELEXTRACT)).isEqualTo(APRIL);
    }

    @Test
    void aDowngradeWithinAPeriodTakesBackWhatTheSmallerPlanDoesNotGive() {
        subscribe("enterprise", APRIL);
        use(400);
        NODE.at("2026-03-11T10:00:00Z");

        NODE.take(Provider.LEMONSQUEEZY, squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, CHANGE));

        assertThat(available()).isEqualTo(9_600);
        assertThat(NODE.period(account)).containsExactly(MARCH, APRIL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChangeFromMonthsToYearsBeginsTheYearAtOnceAndKeepsWhatWasUsed(boolean stateFirst) {
        subscribe("professional", APRIL);
        use(400);
        NODE.at("2026-03-11T10:00:00Z");
        SubscriptionState annual =
                squeezed("annual", SubscriptionStatus.ACTIVE, YEAR_AFTER_CHANGE, CHANGE.plusSeconds(2));
        InvoiceState paid = squeezed("change", InvoiceReason.CHANGE, InvoiceStatus.PAID, CHANGE.plusSeconds(1));

        told(Provider.LEMONSQUEEZY, stateFirst ? List.of(annual, paid) : List.of(paid, annual));

        assertThat(available()).isEqualTo(9_600);
        assertThat(NODE.period(account)).containsExactly(CHANGE.plusSeconds(1), MONTH_AFTER_CHANGE.plusSeconds(1));
        assertThat(paidUntil(PlanApi.SELEXTRACT)).isEqualTo(YEAR_AFTER_CHANGE);
        assertThat(subscription(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(YEAR_AFTER_CHANGE);

        renewAt("2026-04-11T10:00:01Z");
        assertThat(available()).isEqualTo(10_000);
        use(10_000);
        renewAt("2027-03-01T00:00:00Z");
        assertThat(available()).isEqualTo(10_000);
        use(10_000);
        renewAt("2027-06-01T00:00:00Z");
        assertThat(available()).as("a year that nobody has paid for").isZero();
    }

    @Test
    void aChangeFromYearsToMonthsEndsWhatIsPaidForWithTheMonth() {
        subscribe("annual", Instant.parse("2027-03-01T10:00:00Z"));
        use(400);
        NODE.at("2026-03-11T10:00:00Z");

        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("professional", SubscriptionStatus.ACTIVE, MONTH_AFTER_CHANGE, CHANGE),
                squeezed("change", InvoiceReason.CHANGE, InvoiceStatus.PAID, CHANGE));

        assertThat(available()).isEqualTo(9_600);
        assertThat(NODE.period(account)).containsExactly(CHANGE, MONTH_AFTER_CHANGE);
        assertThat(paidUntil(PlanApi.SELEXTRACT)).isEqualTo(MONTH_AFTER_CHANGE);
    }

    /** The provider gives money back for the time that is left; units would be for nothing. */
    @Test
    void changesToAndFroGiveNoUnitsTwice() {
        subscribe("professional", APRIL);
        use(10_000);

        for (int day = 1; day <= 6; day++) {
            Instant at = MARCH.plusSeconds(86_400L * day);
            NODE.at(at.toString());
            boolean yearly = day % 2 == 1;
            NODE.take(
                    Provider.LEMONSQUEEZY,
                    squeezed(
                            yearly ? "annual" : "professional",
                            SubscriptionStatus.ACTIVE,
                            Instant.parse(
                                    yearly
                                            ? "2027-03-0" + (day + 1) + "T10:00:00Z"
                                            : "2026-04-0" + (day + 1) + "T10:00:00Z"),
                            at),
                    squeezed("change" + day, InvoiceReason.CHANGE, InvoiceStatus.PAID, at));
            assertThat(available()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aChangeOfTheIntervalEndsTheSameInWhateverOrderItIsTold(long seed) {
        NODE.at("2026-03-11T11:00:00Z");
        List<BillingFact> facts = new ArrayList<>(List.of(
                squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, MARCH),
                squeezed("first", InvoiceReason.FIRST, InvoiceStatus.OPEN, MARCH),
                squeezed("first", InvoiceReason.FIRST, InvoiceStatus.PAID, MARCH),
                squeezed("annual", SubscriptionStatus.PAST_DUE, null, CHANGE),
                squeezed("annual", SubscriptionStatus.ACTIVE, YEAR_AFTER_CHANGE, CHANGE.plusSeconds(60)),
                squeezed("change", InvoiceReason.CHANGE, InvoiceStatus.OPEN, CHANGE),
                squeezed("change", InvoiceReason.CHANGE, InvoiceStatus.PAID, CHANGE)));
        facts.addAll(List.copyOf(facts));
        Collections.shuffle(facts, new Random(seed));

        told(Provider.LEMONSQUEEZY, facts);

        assertThat(available()).isEqualTo(10_000);
        assertThat(NODE.period(account)).containsExactly(CHANGE, MONTH_AFTER_CHANGE);
        assertThat(paidUntil(PlanApi.SELEXTRACT)).isEqualTo(YEAR_AFTER_CHANGE);
        assertThat(NODE.account(account).selextractPlan()).isEqualTo("annual");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void creditsOfTimeThatIsPaidForAgainAreGivenOnce(long seed) {
        Instant second = Instant.parse("2026-03-21T10:00:00Z");
        Instant third = Instant.parse("2026-03-25T10:00:00Z");
        NODE.at("2026-03-26T00:00:00Z");
        List<BillingFact> facts = new ArrayList<>(List.of(
                state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH),
                stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL),
                state("yearly", SubscriptionStatus.ACTIVE, CHANGE, YEAR_AFTER_CHANGE, CHANGE),
                stripe("year", InvoiceReason.CHANGE, "yearly", CHANGE, YEAR_AFTER_CHANGE),
                state("starter", SubscriptionStatus.ACTIVE, second, Instant.parse("2026-04-21T10:00:00Z"), second),
                stripe("month", InvoiceReason.CHANGE, "starter", second, Instant.parse("2026-04-21T10:00:00Z")),
                state("yearly", SubscriptionStatus.ACTIVE, third, Instant.parse("2027-03-25T10:00:00Z"), third),
                stripe("again", InvoiceReason.CHANGE, "yearly", third, Instant.parse("2027-03-25T10:00:00Z"))));
        facts.addAll(List.copyOf(facts));
        Collections.shuffle(facts, new Random(seed));

        told(Provider.STRIPE, facts);

        assertThat(NODE.credits(account)).isEqualTo(12_000);
        assertThat(paidUntil(PlanApi.MAPSCRAPER)).isEqualTo("2027-03-25T10:00:00Z");
        NODE.take(
                Provider.STRIPE,
                stripe(
                        "next",
                        InvoiceReason.RENEWAL,
                        "yearly",
                        Instant.parse("2027-03-25T10:00:00Z"),
                        Instant.parse("2028-03-25T10:00:00Z")));
        assertThat(NODE.credits(account)).isEqualTo(24_000);
    }

    @Test
    void aPaymentThatSucceedsOnALaterAttemptIsForTheWholePeriod() {
        subscribe("professional", APRIL);
        use(10_000);
        NODE.at("2026-04-01T10:05:00Z");
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("second", InvoiceReason.RENEWAL, InvoiceStatus.OPEN, APRIL),
                squeezed("professional", SubscriptionStatus.PAST_DUE, null, APRIL.plusSeconds(1)));
        assertThat(subscription(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(APRIL);
        assertThat(available()).isZero();

        NODE.at("2026-04-09T10:00:00Z");
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("second", InvoiceReason.RENEWAL, InvoiceStatus.PAID, APRIL),
                squeezed("professional", SubscriptionStatus.ACTIVE, MAY, APRIL.plusSeconds(700_000)));

        assertThat(available()).isEqualTo(10_000);
        assertThat(NODE.period(account)).containsExactly(APRIL, MAY);
        assertThat(subscription(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(MAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeriodThatFollowsAShortMonthEndsWhenTheProviderSays(boolean stateFirst) {
        Instant february = Instant.parse("2027-02-28T10:00:00Z");
        Instant march = Instant.parse("2027-03-31T10:00:00Z");
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("professional", SubscriptionStatus.ACTIVE, february, Instant.parse("2027-01-31T10:00:00Z")));
        NODE.at("2027-02-28T10:00:30Z");
        SubscriptionState renewed = squeezed("professional", SubscriptionStatus.ACTIVE, march, february);
        InvoiceState paid = squeezed("second", InvoiceReason.RENEWAL, InvoiceStatus.PAID, february);

        told(Provider.LEMONSQUEEZY, stateFirst ? List.of(renewed, paid) : List.of(paid, renewed));

        assertThat(NODE.period(account)).containsExactly(february, march);
        assertThat(paidUntil(PlanApi.SELEXTRACT)).isEqualTo(march);
        assertThat(available()).isEqualTo(10_000);
    }

    @Test
    void theEndOfThePaidPeriodIsKnownInWhateverOrderItIsTold() {
        SubscriptionState paid = squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, MARCH);
        SubscriptionState renewed = squeezed("professional", SubscriptionStatus.ACTIVE, MAY, APRIL);
        SubscriptionState pastDue = squeezed("professional", SubscriptionStatus.PAST_DUE, null, MAY);

        told(Provider.LEMONSQUEEZY, List.of(pastDue, renewed, paid));

        assertThat(subscription(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(MAY);
        assertThat(subscription(PlanApi.SELEXTRACT).status()).isEqualTo(SubscriptionStatus.PAST_DUE);
        openAccount();
        told(
                Provider.LEMONSQUEEZY,
                List.of(
                        squeezed("professional", SubscriptionStatus.PAST_DUE, null, MAY),
                        squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, MARCH),
                        squeezed("professional", SubscriptionStatus.ACTIVE, MAY, APRIL)));
        assertThat(subscription(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(MAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unpaidIsTheFreePlanUntilTheNextPeriodIsPaidForAfterAll(boolean stateFirst) {
        subscribe("professional", APRIL);
        use(400);
        NODE.at("2026-04-15T10:00:00Z");
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("second", InvoiceReason.RENEWAL, InvoiceStatus.OPEN, APRIL),
                squeezed("professional", SubscriptionStatus.PAST_DUE, null, APRIL),
                squeezed("professional", SubscriptionStatus.UNPAID, null, APRIL.plusSeconds(1_000_000)));
        assertThat(NODE.account(account).selextractPlan()).isEqualTo("free");
        assertThat(available()).isEqualTo(1_000);

        NODE.at("2026-04-20T10:00:00Z");
        SubscriptionState active =
                squeezed("professional", SubscriptionStatus.ACTIVE, MAY, APRIL.plusSeconds(1_500_000));
        InvoiceState paid = squeezed("second", InvoiceReason.RENEWAL, InvoiceStatus.PAID, APRIL);
        told(Provider.LEMONSQUEEZY, stateFirst ? List.of(active, paid) : List.of(paid, active));

        assertThat(NODE.account(account).selextractPlan()).isEqualTo("professional");
        assertThat(available()).isEqualTo(10_000);
        assertThat(NODE.period(account)).containsExactly(APRIL, MAY);
    }

    @Test
    void whatWasUsedOfAPaidPeriodStaysUsedWhenItsPlanIsTakenAwayAndComesBack() {
        subscribe("professional", APRIL);
        use(4_000);
        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("professional", SubscriptionStatus.UNPAID, null, MARCH.plusSeconds(1_000)));
        assertThat(available()).isEqualTo(1_000);
        use(300);

        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, MARCH.plusSeconds(2_000)));

        assertThat(available()).isEqualTo(10_000 - 4_000 - 300);
    }

    @Test
    void aSubscriptionThatBecomesKnownAfterItsAccountWasClosedIsEnded() {
        DATABASE.jdbc()
                .sql("UPDATE account SET is_active = false WHERE id = ?")
                .param(account)
                .update();

        NODE.take(Provider.STRIPE, state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH));

        assertThat(DATABASE.jdbc()
                        .sql("SELECT status FROM billing_subscription WHERE account_id = ?")
                        .param(account)
                        .query(String.class)
                        .single())
                .isEqualTo("ENDED");
        assertThat(DATABASE.jdbc()
                        .sql("SELECT count(*) FROM outbox WHERE destination = 'BILLING_END'")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void creditsOfAnUnpaidSubscriptionComeWithItsPaymentAlone(boolean stateFirst) {
        NODE.take(
                Provider.STRIPE,
                state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH),
                stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL),
                state("starter", SubscriptionStatus.PAST_DUE, APRIL, MAY, APRIL),
                invoice("second", InvoiceReason.RENEWAL, "starter", InvoiceStatus.OPEN, APRIL, MAY, APRIL),
                state("starter", SubscriptionStatus.UNPAID, APRIL, MAY, APRIL.plusSeconds(1_000_000)));
        renewAt("2026-04-20T10:00:00Z");
        assertThat(NODE.account(account).mapscraperPlan()).isEqualTo("free");
        assertThat(NODE.credits(account)).isEqualTo(1_000);

        SubscriptionState active =
                state("starter", SubscriptionStatus.ACTIVE, APRIL, MAY, APRIL.plusSeconds(1_500_000));
        InvoiceState paid = stripe("second", InvoiceReason.RENEWAL, "starter", APRIL, MAY);
        told(Provider.STRIPE, stateFirst ? List.of(active, paid) : List.of(paid, active));

        assertThat(NODE.account(account).mapscraperPlan()).isEqualTo("starter");
        assertThat(NODE.credits(account)).isEqualTo(2_000);
        assertThat(paidUntil(PlanApi.MAPSCRAPER)).isEqualTo(MAY);
        renewAt("2026-07-01T00:00:00Z");
        assertThat(NODE.credits(account)).isEqualTo(2_000);
    }

    @Test
    void aFirstPaymentThatIsToldBeforeTheSubscriptionIsActiveBeginsItsPeriod() {
        NODE.take(
                Provider.STRIPE,
                state("starter", SubscriptionStatus.INCOMPLETE, MARCH, APRIL, MARCH),
                stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL),
                state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH.plusSeconds(5)));

        assertThat(paidUntil(PlanApi.MAPSCRAPER)).isEqualTo(APRIL);
        renewAt("2026-06-15T00:00:00Z");
        assertThat(NODE.credits(account)).isEqualTo(1_000);
    }

    @Test
    void theFirstPaymentAfterATrialBeginsAPeriodAndOneWithinItKeepsWhatWasUsed() {
        NODE.take(Provider.LEMONSQUEEZY, state("professional", SubscriptionStatus.TRIALING, MARCH, CHANGE, MARCH));
        use(10_000);
        assertThat(available()).isZero();
        NODE.at("2026-03-11T10:00:05Z");

        NODE.take(
                Provider.LEMONSQUEEZY,
                squeezed("first", InvoiceReason.FIRST, InvoiceStatus.PAID, CHANGE.plusSeconds(1)),
                squeezed("professional", SubscriptionStatus.ACTIVE, MONTH_AFTER_CHANGE, CHANGE.plusSeconds(2)));

        assertThat(available()).isEqualTo(10_000);
        assertThat(NODE.period(account)).containsExactly(CHANGE.plusSeconds(1), MONTH_AFTER_CHANGE.plusSeconds(1));
    }

    @Test
    void theCalendarGivesNothingToASubscriptionThatIsNotPaidFor() {
        NODE.take(Provider.STRIPE, state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH));
        NODE.take(Provider.LEMONSQUEEZY, squeezed("professional", SubscriptionStatus.ACTIVE, APRIL, MARCH));

        for (String month : List.of("2026-04-01T10:00:00Z", "2026-05-01T10:00:00Z")) {
            renewAt(month);
            assertThat(NODE.credits(account)).isZero();
            assertThat(available()).isEqualTo(1_000);
        }
    }

    private SubscriptionState state(
            Provider provider, boolean larger, int quantity, SubscriptionStatus status, int second) {
        String plan =
                provider == Provider.STRIPE ? (larger ? "growth" : "starter") : larger ? "enterprise" : "professional";
        return state(plan, quantity, status, MARCH, APRIL, MARCH.plusSeconds(second));
    }

    private String plan(Provider provider) {
        Account account = NODE.account(this.account);
        return provider == Provider.STRIPE ? account.mapscraperPlan() : account.selextractPlan();
    }

    private int quantity(Provider provider) {
        return DATABASE.jdbc()
                .sql("SELECT quantity FROM billing_subscription WHERE provider = ? AND provider_id = ?")
                .params(provider.name(), id("sub"))
                .query(Integer.class)
                .single();
    }

    @ParameterizedTest
    @EnumSource
    void anUpdateThatIsToldBeforeTheCreationStands(Provider provider) {
        told(
                provider,
                List.of(
                        state(provider, true, 1, SubscriptionStatus.ACTIVE, 9),
                        state(provider, false, 1, SubscriptionStatus.ACTIVE, 1)));

        assertThat(plan(provider)).endsWith(provider == Provider.STRIPE ? "growth" : "enterprise");
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoQuantitiesTheNewerStands(Provider provider) {
        SubscriptionState three = state(provider, false, 3, SubscriptionStatus.ACTIVE, 5);
        SubscriptionState two = state(provider, false, 2, SubscriptionStatus.ACTIVE, 9);

        told(provider, List.of(state(provider, false, 1, SubscriptionStatus.ACTIVE, 1), two, three));
        assertThat(quantity(provider)).isEqualTo(2);
        openAccount();
        told(
                provider,
                List.of(
                        state(provider, false, 3, SubscriptionStatus.ACTIVE, 5),
                        state(provider, false, 2, SubscriptionStatus.ACTIVE, 9)));
        assertThat(quantity(provider)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void whatHasEndedStaysEndedWhateverIsToldLater(Provider provider) {
        told(
                provider,
                List.of(
                        state(provider, false, 1, SubscriptionStatus.ACTIVE, 1),
                        state(provider, false, 1, SubscriptionStatus.ENDED, 3),
                        state(provider, true, 2, SubscriptionStatus.ACTIVE, 9),
                        state(provider, false, 1, SubscriptionStatus.PAST_DUE, 2)));

        assertThat(plan(provider)).isEqualTo("free");
        assertThat(NODE.get(Subscriptions.class).find(NODE.account(account), provider.api()))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void pastDueKeepsThePlanUnpaidTakesItAndPaidAgainGivesItBack(Provider provider) {
        String plan = provider == Provider.STRIPE ? "starter" : "professional";
        NODE.take(provider, state(provider, false, 1, SubscriptionStatus.ACTIVE, 1));
        NODE.take(provider, state(provider, false, 1, SubscriptionStatus.PAST_DUE, 2));
        assertThat(plan(provider)).isEqualTo(plan);
        NODE.take(provider, state(provider, false, 1, SubscriptionStatus.UNPAID, 3));
        assertThat(plan(provider)).isEqualTo("free");
        NODE.take(provider, state(provider, false, 1, SubscriptionStatus.ACTIVE, 4));
        assertThat(plan(provider)).isEqualTo(plan);
    }

    @ParameterizedTest
    @EnumSource
    void anInvoiceThatIsReturnedInPartIsSoInWhateverOrderItIsTold(Provider provider) {
        InvoiceState paid = provider == Provider.STRIPE
                ? stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL)
                : squeezed("first", InvoiceReason.FIRST, InvoiceStatus.PAID, MARCH);
        InvoiceState returned = new InvoiceState(
                paid.id(),
                paid.owner(),
                paid.subscription(),
                paid.price(),
                null,
                paid.number(),
                paid.description(),
                paid.reason(),
                InvoiceStatus.PARTIALLY_REFUNDED,
                2900,
                1450,
                "USD",
                paid.periodStart(),
                paid.periodEnd(),
                paid.created(),
                null,
                null,
                null,
                paid.at().plusSeconds(9));
        List<BillingFact> facts = new ArrayList<>(
                List.of(state(provider, false, 1, SubscriptionStatus.ACTIVE, 1), returned, paid, returned));
        if (provider == Provider.STRIPE) {
            facts.add(new InvoicePaid(id("first"), id("pi"), 2900, MARCH));
        }

        told(provider, facts);

        NODE.in(() -> assertThat(NODE.get(BillingRecords.class)
                        .invoice(provider, id("first"))
                        .orElseThrow())
                .satisfies(invoice -> {
                    assertThat(invoice.status).isEqualTo(InvoiceStatus.PARTIALLY_REFUNDED);
                    assertThat(invoice.refunded).isEqualTo(1450);
                }));
        if (provider == Provider.STRIPE) {
            assertThat(NODE.credits(account)).isEqualTo(500);
        } else {
            assertThat(available()).isEqualTo(10_000);
        }
    }

    @ParameterizedTest
    @EnumSource(DisputeOutcome.class)
    void aDisputeOverASubscriptionsPaymentTakesItsCreditsUnlessItIsWon(DisputeOutcome outcome) {
        List<BillingFact> facts = new ArrayList<>(List.of(
                new Disputed(id("pi"), 2900, outcome, MARCH),
                new Disputed(id("pi"), 2900, DisputeOutcome.OPEN, MARCH),
                new InvoicePaid(id("first"), id("pi"), 2900, MARCH),
                stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL),
                state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH)));

        told(Provider.STRIPE, facts);

        assertThat(NODE.credits(account)).isEqualTo(outcome == DisputeOutcome.WON ? 1_000 : 0);
    }

    @Test
    void aDisputeThatIsDecidedStaysSo() {
        NODE.take(
                Provider.STRIPE,
                state("starter", SubscriptionStatus.ACTIVE, MARCH, APRIL, MARCH),
                stripe("first", InvoiceReason.FIRST, "starter", MARCH, APRIL),
                new InvoicePaid(id("first"), id("pi"), 2900, MARCH),
                new Disputed(id("pi"), 2900, DisputeOutcome.LOST, MARCH),
                new Disputed(id("pi"), 2900, DisputeOutcome.WON, MARCH),
                new Refunded(id("pi"), 2900, 100, MARCH));

        assertThat(NODE.credits(account)).isZero();
    }
}
