package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.DisputeOutcome;
import io.bactrian.billing.BillingFact.Disputed;
import io.bactrian.billing.BillingFact.InvoicePaid;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.credit.Currency;
import java.time.Duration;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What providers say, taken in by the room on a real database. */
class BillingFactsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final BillingNode NODE = new BillingNode(DATABASE, CLOCK);
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final Duration MONTH = Duration.ofDays(30);

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

    private String id(String name) {
        return name + "-" + account;
    }

    private Owner owner(@Nullable String subscription) {
        return new Owner(account, null, id("customer"), subscription);
    }

    private SubscriptionState state(String plan, SubscriptionStatus status, int month, int second) {
        return state(plan, status, false, month, second);
    }

    private SubscriptionState state(String plan, SubscriptionStatus status, boolean cancelled, int month, int second) {
        return new SubscriptionState(
                id("sub"),
                owner(id("sub")),
                price(plan),
                plan,
                1,
                status,
                START.plus(MONTH.multipliedBy(month)),
                START.plus(MONTH.multipliedBy(month + 1L)),
                cancelled,
                "card_ending_4242",
                START,
                status == SubscriptionStatus.ENDED ? START.plusSeconds(second) : null,
                START.plusSeconds(second));
    }

    private static String price(String plan) {
        return switch (plan) {
            case "starter" -> "price_starter";
            case "growth" -> "price_growth";
            case "professional" -> "11";
            case "annual" -> "13";
            default -> "12";
        };
    }

    private InvoiceState invoice(String name, InvoiceReason reason, String plan, InvoiceStatus status, int month) {
        return invoice(name, reason, plan, status, month, 0);
    }

    private InvoiceState invoice(
            String name, InvoiceReason reason, String plan, InvoiceStatus status, int month, long refunded) {
        Instant start = START.plus(MONTH.multipliedBy(month));
        return new InvoiceState(
                id(name),
                owner(id("sub")),
                id("sub"),
                price(plan),
                null,
                name,
                plan,
                reason,
                status,
                2900,
                refunded,
                "USD",
                start,
                start.plus(MONTH),
                start,
                start,
                status.paid() ? start : null,
                null,
                start.plusSeconds(status.paid() ? 1 : 0));
    }

    private String plan() {
        return NODE.account(account).selextractPlan();
    }

    private PaidSubscription subscription() {
        return NODE.get(Subscriptions.class)
                .find(NODE.account(account), PlanApi.SELEXTRACT)
                .orElseThrow();
    }

    private Checkout checkout() {
        Checkout checkout = new Checkout(
                account, Provider.STRIPE, true, CheckoutKind.PACKAGE, "small", 1000, 500, "s", "c", START, START);
        checkout.providerId = id("cs");
        NODE.in(() -> NODE.get(BillingRecords.class).add(checkout));
        return checkout;
    }

    private CheckoutEnded paid(Checkout checkout) {
        return new CheckoutEnded(
                id("cs"),
                new Owner(account, checkout.id, id("customer"), null),
                CheckoutOutcome.PAID,
                id("pi"),
                1000,
                START);
    }

    @Test
    void aPaidSubscriptionGivesThePlanAndItsUnitsAndKeepsWhatWasUsed() {
        NODE.in(() -> {
            NODE.ledger().reserve(account, Currency.COMPUTE_UNITS, 100, "task:1", "Work");
            NODE.ledger().settle(account, Currency.COMPUTE_UNITS, 100, "task:1", "Work");
        });

        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                invoice("first", InvoiceReason.FIRST, "professional", InvoiceStatus.PAID, 0));

        assertThat(plan()).isEqualTo("professional");
        assertThat(NODE.units(account).available()).isEqualTo(9_900);
        assertThat(NODE.period(account)).containsExactly(START, START.plus(MONTH));
        assertThat(subscription().paymentMethod()).isEqualTo("card_ending_4242");
        assertThat(NODE.differences()).isEmpty();
    }

    @Test
    void nothingIsGivenBeforeItIsPaid() {
        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                invoice("first", InvoiceReason.FIRST, "professional", InvoiceStatus.OPEN, 0));

        assertThat(plan()).isEqualTo("professional");
        assertThat(NODE.units(account).available()).isEqualTo(1_000);
    }

    @Test
    void aPeriodThatIsNotPaidForDoesNotBegin() {
        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                invoice("first", InvoiceReason.FIRST, "professional", InvoiceStatus.PAID, 0));
        NODE.at("2026-05-01T00:00:00Z");

        NODE.periods().renewDue();
        assertThat(NODE.period(account)).containsExactly(START, START.plus(MONTH));

        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 1, 2),
                invoice("second", InvoiceReason.RENEWAL, "professional", InvoiceStatus.PAID, 1));
        assertThat(NODE.period(account)).containsExactly(START.plus(MONTH), START.plus(MONTH.multipliedBy(2)));
        assertThat(NODE.units(account).available()).isEqualTo(10_000);
    }

    @Test
    void anAnnualPlanGivesItsUnitsEachMonthOfTheYearThatIsPaidFor() {
        Instant end = Instant.parse("2027-01-31T12:00:00Z");
        Instant start = Instant.parse("2026-01-31T12:00:00Z");
        SubscriptionState state = new SubscriptionState(
                id("sub"),
                owner(id("sub")),
                "13",
                null,
                1,
                SubscriptionStatus.ACTIVE,
                start,
                end,
                false,
                null,
                start,
                null,
                start);
        InvoiceState invoice = new InvoiceState(
                id("year"),
                owner(id("sub")),
                id("sub"),
                "13",
                null,
                "1",
                "Annual",
                InvoiceReason.FIRST,
                InvoiceStatus.PAID,
                9900,
                0,
                "USD",
                start,
                end,
                start,
                null,
                start,
                null,
                start);
        NODE.at("2026-03-15T00:00:00Z");
        NODE.take(Provider.LEMONSQUEEZY, state, invoice);
        assertThat(NODE.period(account))
                .containsExactly(Instant.parse("2026-02-28T12:00:00Z"), Instant.parse("2026-03-31T12:00:00Z"));

        for (String month : List.of("2026-04-01T00:00:00Z", "2026-12-31T23:00:00Z")) {
            NODE.at(month);
            NODE.periods().renewDue();
            assertThat(NODE.units(account).available()).isEqualTo(10_000);
        }
        assertThat(NODE.period(account)).containsExactly(Instant.parse("2026-12-31T12:00:00Z"), end);
        NODE.at("2027-03-01T00:00:00Z");
        NODE.periods().renewDue();
        assertThat(NODE.period(account)).containsExactly(Instant.parse("2026-12-31T12:00:00Z"), end);
    }

    @Test
    void theEndOfASubscriptionBringsTheFreePlanAndNoLateStateRevivesIt() {
        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                invoice("first", InvoiceReason.FIRST, "professional", InvoiceStatus.PAID, 0),
                state("professional", SubscriptionStatus.ENDED, 0, 5),
                state("professional", SubscriptionStatus.ACTIVE, 0, 9),
                invoice("late", InvoiceReason.RENEWAL, "professional", InvoiceStatus.PAID, 1));

        assertThat(plan()).isEqualTo("free");
        assertThat(NODE.units(account).available()).isEqualTo(1_000);
        assertThat(NODE.get(Subscriptions.class).find(NODE.account(account), PlanApi.SELEXTRACT))
                .isEmpty();
        assertThat(NODE.differences()).isEmpty();
    }

    @Test
    void anOlderStateChangesNothing() {
        NODE.take(
                Provider.LEMONSQUEEZY,
                state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                state("enterprise", SubscriptionStatus.ACTIVE, 0, 9),
                state("professional", SubscriptionStatus.ACTIVE, 0, 5));

        assertThat(plan()).isEqualTo("enterprise");
    }

    @Test
    void twoStatesOfOneTimeAreNotGuessedAt() {
        NODE.take(Provider.LEMONSQUEEZY, state("professional", SubscriptionStatus.ACTIVE, 0, 1));

        assertThatThrownBy(() -> NODE.take(Provider.LEMONSQUEEZY, state("enterprise", SubscriptionStatus.ACTIVE, 0, 1)))
                .isInstanceOf(AmbiguousStateException.class);
    }

    @Test
    void aPlanThatNobodyOffersIsRefusedByName() {
        SubscriptionState unknown = state("professional", SubscriptionStatus.ACTIVE, 0, 1);
        SubscriptionState other = new SubscriptionState(
                unknown.id(),
                unknown.owner(),
                "99",
                null,
                1,
                unknown.status(),
                null,
                null,
                false,
                null,
                START,
                null,
                START);

        assertThatThrownBy(() -> NODE.take(Provider.LEMONSQUEEZY, other))
                .isInstanceOf(UnknownPriceException.class)
                .hasMessageContaining("99")
                .hasMessageContaining("bactrian.billing.lemonsqueezy.variants");
    }

    @Test
    void aPackageGivesItsCreditsOnceAndItsRefundTakesBackItsPart() {
        Checkout checkout = checkout();

        NODE.take(Provider.STRIPE, paid(checkout), paid(checkout));
        assertThat(NODE.credits(account)).isEqualTo(500);

        NODE.take(Provider.STRIPE, new Refunded(id("pi"), 1000, 250, START), new Refunded(id("pi"), 1000, 100, START));
        assertThat(NODE.credits(account)).isEqualTo(375);

        NODE.take(Provider.STRIPE, new Refunded(id("pi"), 1000, 1000, START));
        assertThat(NODE.credits(account)).isZero();
        assertThat(NODE.differences()).isEmpty();
    }

    @Test
    void aPageThatNobodyHasPaidWaitsForNoCheckoutAndAPaidOneDoes() {
        Owner owner = new Owner(null, UUID.randomUUID(), null, null);

        for (CheckoutOutcome outcome :
                List.of(CheckoutOutcome.PENDING, CheckoutOutcome.DECLINED, CheckoutOutcome.EXPIRED)) {
            NODE.take(Provider.STRIPE, new CheckoutEnded(id("cs"), owner, outcome, null, 0, START));
        }
        assertThatThrownBy(() -> NODE.take(
                        Provider.STRIPE,
                        new CheckoutEnded(id("cs"), owner, CheckoutOutcome.PAID, id("pi"), 1000, START)))
                .isInstanceOf(OwnerUnknownException.class);
    }

    @Test
    void aRefundThatComesBeforeItsPaymentIsNotForgotten() {
        Checkout checkout = checkout();

        NODE.take(Provider.STRIPE, new Refunded(id("pi"), 1000, 500, START), paid(checkout));

        assertThat(NODE.credits(account)).isEqualTo(250);
    }

    @Test
    void aDisputeTakesAllBackUntilItIsWon() {
        Checkout checkout = checkout();
        NODE.take(Provider.STRIPE, paid(checkout), new Disputed(id("pi"), 1000, DisputeOutcome.OPEN, START));
        assertThat(NODE.credits(account)).isZero();

        NODE.take(
                Provider.STRIPE,
                new Disputed(id("pi"), 1000, DisputeOutcome.WON, START),
                new Disputed(id("pi"), 1000, DisputeOutcome.OPEN, START));

        assertThat(NODE.credits(account)).isEqualTo(500);
    }

    @Test
    void creditsThatAreSpentCannotBeTakenBackAndAreMissed() {
        Checkout checkout = checkout();
        NODE.take(Provider.STRIPE, paid(checkout));
        NODE.in(() -> {
            NODE.ledger().reserve(account, Currency.CREDITS, 400, "job:1", "Work");
            NODE.ledger().settle(account, Currency.CREDITS, 400, "job:1", "Work");
        });

        NODE.take(Provider.STRIPE, new Refunded(id("pi"), 1000, 1000, START));

        assertThat(NODE.credits(account)).isZero();
        assertThat(DATABASE.jdbc()
                        .sql("SELECT missing FROM billing_payment WHERE provider_id = ?")
                        .param(id("pi"))
                        .query(Long.class)
                        .single())
                .isEqualTo(400);
        assertThat(NODE.differences()).isEmpty();
    }

    @Test
    void aPeriodGivesTheCreditsOfItsLargestPlanOnce() {
        NODE.take(
                Provider.STRIPE,
                state("starter", SubscriptionStatus.ACTIVE, 0, 1),
                invoice("first", InvoiceReason.FIRST, "starter", InvoiceStatus.PAID, 0),
                state("growth", SubscriptionStatus.ACTIVE, 0, 2),
                invoice("change", InvoiceReason.CHANGE, "growth", InvoiceStatus.PAID, 0));

        assertThat(NODE.credits(account)).isEqualTo(5_000);
    }

    /** Every order of what happens to an account ends at the same, though each thing is told three times. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void inWhateverOrderItIsToldTheEndIsTheSame(long seed) {
        Checkout checkout = checkout();
        List<BillingFact> stripe = new ArrayList<>(List.of(
                paid(checkout),
                new Refunded(id("pi"), 1000, 100, START),
                new Refunded(id("pi"), 1000, 200, START),
                state("starter", SubscriptionStatus.INCOMPLETE, 0, 1),
                state("starter", SubscriptionStatus.ACTIVE, 0, 2),
                invoice("i1", InvoiceReason.FIRST, "starter", InvoiceStatus.OPEN, 0),
                invoice("i1", InvoiceReason.FIRST, "starter", InvoiceStatus.PAID, 0),
                new InvoicePaid(id("i1"), id("pi1"), 2900, START),
                new Refunded(id("pi1"), 2900, 1450, START),
                state("starter", SubscriptionStatus.ACTIVE, 1, 3),
                invoice("i2", InvoiceReason.RENEWAL, "starter", InvoiceStatus.PAID, 1),
                state("starter", SubscriptionStatus.PAST_DUE, 2, 4),
                invoice("i3", InvoiceReason.RENEWAL, "starter", InvoiceStatus.OPEN, 2),
                state("starter", SubscriptionStatus.ACTIVE, 2, 5),
                invoice("i3", InvoiceReason.RENEWAL, "starter", InvoiceStatus.PAID, 2)));
        Random random = new Random(seed);
        told(Provider.STRIPE, stripe, random);

        assertThat(NODE.account(account).mapscraperPlan()).isEqualTo("starter");
        assertThat(NODE.credits(account)).isEqualTo(400 + 500 + 1000 + 1000);
        assertThat(NODE.differences()).isEmpty();
    }

    private static void told(Provider provider, List<BillingFact> facts, Random random) {
        List<BillingFact> all = new ArrayList<>();
        for (int time = 0; time < 3; time++) {
            all.addAll(facts);
        }
        Collections.shuffle(all, random);
        Deque<BillingFact> waiting = new ArrayDeque<>(all);
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

    @Test
    void theEndOfASubscriptionHoldsInWhateverOrderItIsTold() {
        for (long seed = 1; seed <= 6; seed++) {
            openAccount();
            told(
                    Provider.LEMONSQUEEZY,
                    List.of(
                            state("professional", SubscriptionStatus.ACTIVE, 0, 1),
                            invoice("l1", InvoiceReason.FIRST, "professional", InvoiceStatus.PAID, 0),
                            state("enterprise", SubscriptionStatus.ACTIVE, 0, 2),
                            state("enterprise", SubscriptionStatus.ACTIVE, true, 0, 3),
                            state("enterprise", SubscriptionStatus.ENDED, 0, 4)),
                    new Random(seed));
            assertThat(plan()).isEqualTo("free");
            assertThat(NODE.units(account).available()).isEqualTo(1_000);
        }
        assertThat(NODE.differences()).isEmpty();
    }

    @Test
    void aPlanIsGivenAndTheLedgerMovedTogetherOrNotAtAll() {
        NODE.take(Provider.LEMONSQUEEZY, state("professional", SubscriptionStatus.ACTIVE, 0, 1));
        InvoiceState invoice = invoice("first", InvoiceReason.FIRST, "professional", InvoiceStatus.PAID, 0);

        assertThatThrownBy(() -> NODE.in(() -> {
                    NODE.get(BillingFacts.class).take(Provider.LEMONSQUEEZY, invoice, true);
                    throw new IllegalStateException("after all");
                }))
                .hasMessage("after all");
        assertThat(NODE.units(account).available()).isEqualTo(1_000);
        assertThat(NODE.get(BillingRecords.class).accountOfInvoice(Provider.LEMONSQUEEZY, id("first")))
                .isEmpty();

        NODE.take(Provider.LEMONSQUEEZY, invoice);
        assertThat(NODE.units(account).available()).isEqualTo(10_000);
    }
}
