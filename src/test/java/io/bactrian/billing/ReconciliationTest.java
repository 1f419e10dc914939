package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.CheckoutEnded;
import io.bactrian.billing.BillingFact.CheckoutOutcome;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.Refunded;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.Reconciliation.Report;
import io.bactrian.credit.Currency;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The books of both providers, as their APIs tell of them, against the room's on a real database. */
@ExtendWith(OutputCaptureExtension.class)
class ReconciliationTest {
    private static final String OPERATOR = "books@example.com";
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant END = Instant.parse("2026-04-01T10:00:00Z");

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final ProviderBooks STRIPE = new ProviderBooks();
    private static final ProviderBooks LEMON_SQUEEZY = new ProviderBooks();
    private static final BillingNode NODE = new BillingNode(
            DATABASE,
            CLOCK,
            new BillingProperties(
                    new BillingProperties.Stripe(
                            "sk_test_key",
                            "whsec_1",
                            STRIPE.url(),
                            Map.of("starter", "price_starter", "growth", "price_growth")),
                    new BillingProperties.LemonSqueezy(
                            "key",
                            "secret",
                            LEMON_SQUEEZY.url(),
                            "1",
                            Map.of("free", "10", "professional", "11", "enterprise", "12", "annual", "13")),
                    null,
                    "",
                    "",
                    OPERATOR));

    private UUID account;

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
        STRIPE.close();
        LEMON_SQUEEZY.close();
    }

    @BeforeEach
    void emptyBooks() {
        NODE.at("2026-03-02T10:00:00Z");
        DATABASE.jdbc()
                .sql(
                        "TRUNCATE billing_checkout, billing_subscription, billing_invoice, billing_payment, billing_event, outbox")
                .update();
        STRIPE.clear();
        LEMON_SQUEEZY.clear();
        account = NODE.open();
    }

    private static Report compare() {
        return NODE.get(Reconciliation.class).run(false);
    }

    private static Report repair() {
        return NODE.get(Reconciliation.class).run(true);
    }

    /** Repairs, and shows that no difference is left and the ledger is right. */
    private static void assertRepaired() {
        repair();
        assertThat(compare().differences()).isEmpty();
        assertThat(NODE.differences()).isEmpty();
    }

    private void know(Provider provider, BillingFact fact) {
        NODE.in(() -> NODE.get(BillingFacts.class).take(provider, fact, false));
    }

    /** What is known here of a subscription, as an event has told it. */
    private void know(Provider provider, String id, String price, SubscriptionStatus status) {
        know(
                provider,
                new SubscriptionState(
                        id,
                        new Owner(account, null, provider == Provider.STRIPE ? "cus_" + id : "7", id),
                        price,
                        null,
                        1,
                        status,
                        provider == Provider.STRIPE ? START : null,
                        END,
                        false,
                        null,
                        START,
                        status == SubscriptionStatus.ENDED ? START : null,
                        START));
    }

    private Checkout checkout() {
        Checkout checkout = new Checkout(
                account, Provider.STRIPE, false, CheckoutKind.PACKAGE, "small", 1000, 500, "s", "c", START, END);
        checkout.providerId = "cs_" + account;
        NODE.in(() -> NODE.get(BillingRecords.class).add(checkout));
        return checkout;
    }

    private void letStripeHave(String plan, String status, boolean listed) {
        STRIPE.stripeSubscription("sub_1", account, plan, status, START, END, listed);
    }

    private String mapscraperPlan() {
        return NODE.account(account).mapscraperPlan();
    }

    @Test
    void booksThatSayTheSameHaveNoDifference() {
        know(Provider.STRIPE, "sub_1", "price_starter", SubscriptionStatus.ACTIVE);
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ACTIVE);
        letStripeHave("starter", "active", true);
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "11", "active", START, END);

        Report report = compare();

        assertThat(report.differences()).isEmpty();
        assertThat(report.compared()).isEqualTo(2);
    }

    @Test
    void aPaidSubscriptionThatIsNotKnownHereIsToldAndThenGiven() {
        letStripeHave("starter", "active", true);
        STRIPE.stripeInvoice("in_1", "sub_1", account, "starter", START, END);

        assertThat(compare().differences())
                .containsExactly(
                        "Stripe has the subscription sub_1, which is not known here.",
                        "Stripe has the paid invoice in_1, which is not known here.");
        assertThat(mapscraperPlan()).isEqualTo("free");

        long before = NODE.credits(account);
        assertRepaired();
        assertThat(mapscraperPlan()).isEqualTo("starter");
        assertThat(NODE.credits(account)).isEqualTo(before + 1000);
    }

    @Test
    void anInvoiceOfASubscriptionThatEndedUnknownIsTakenInWithIt() {
        letStripeHave("starter", "canceled", false);
        STRIPE.stripeInvoice("in_1", "sub_1", account, "starter", START, END);

        assertThat(compare().differences())
                .containsExactly("Stripe has the paid invoice in_1, which is not known here.");
        long before = NODE.credits(account);
        assertRepaired();

        assertThat(mapscraperPlan()).isEqualTo("free");
        assertThat(NODE.credits(account)).isEqualTo(before + 1000);
    }

    @Test
    void aSubscriptionThatHasEndedThereEndsHere() {
        know(Provider.STRIPE, "sub_1", "price_starter", SubscriptionStatus.ACTIVE);
        letStripeHave("starter", "canceled", false);

        assertThat(compare().differences())
                .containsExactly("Stripe has the subscription sub_1 of account %s with status ended instead of active."
                        .formatted(account));
        assertThat(mapscraperPlan()).isEqualTo("starter");

        assertRepaired();
        assertThat(mapscraperPlan()).isEqualTo("free");
    }

    @Test
    void aSubscriptionThatTheProviderNeverHadIsLeftToTheOperator() {
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ACTIVE);
        LEMON_SQUEEZY.lemonSqueezySubscription("10", "12", "expired", START, END);

        List<String> differences = List.of(
                "Lemon Squeezy does not list the subscription 9 of account %s, which is active here, and refuses to tell of it: Lemon Squeezy does not know this."
                        .formatted(account));
        assertThat(compare().differences()).isEqualTo(differences);
        assertThat(repair().differences()).isEqualTo(differences);
        assertThat(NODE.account(account).selextractPlan()).isEqualTo("professional");
    }

    @Test
    void anotherPlanAndStatusAreToldAndTakenIn() {
        know(Provider.STRIPE, "sub_1", "price_starter", SubscriptionStatus.ACTIVE);
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ACTIVE);
        letStripeHave("growth", "past_due", true);
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "11", "cancelled", START, END);

        assertThat(compare().differences())
                .containsExactlyInAnyOrder(
                        "Stripe has the subscription sub_1 of account %s with plan growth instead of starter, status past_due instead of active."
                                .formatted(account),
                        "Lemon Squeezy has the subscription 9 of account %s with cancellation true instead of false."
                                .formatted(account));

        assertRepaired();
        assertThat(mapscraperPlan()).isEqualTo("growth");
    }

    @Test
    void aPackageWhosePaymentWasNeverToldIsGivenOnceAndTakenBackWhenItIsReturned() {
        Checkout checkout = checkout();
        STRIPE.stripePackageInvoice("in_1", account, checkout.id, "pi_1", START);
        long before = NODE.credits(account);

        assertThat(compare().differences())
                .containsExactly(
                        "Stripe has the paid invoice in_1, which is not known here.",
                        "Stripe has the checkout %s as paid by the invoice in_1; its credits are not given here."
                                .formatted(checkout.providerId));
        assertRepaired();
        know(
                Provider.STRIPE,
                new CheckoutEnded(
                        "cs_" + account,
                        new Owner(account, checkout.id, "cus_1", null),
                        CheckoutOutcome.PAID,
                        "pi_1",
                        1000,
                        START));
        assertThat(NODE.credits(account)).isEqualTo(before + 500);

        know(Provider.STRIPE, new Refunded("pi_1", 1000, 1000, END));
        assertThat(NODE.credits(account)).isEqualTo(before);
        assertThat(NODE.differences()).isEmpty();
    }

    /** Stripe goes on to list the invoice as paid; only its refunds tell. */
    @ParameterizedTest
    @ValueSource(longs = {400, 1000})
    void anInvoiceOfWhichMoneyWasReturnedIsNoDifferenceOnceItsRefundIsKnown(long returned) {
        STRIPE.stripePackageInvoice("in_1", account, checkout().id, "pi_1", START);
        long before = NODE.credits(account);
        repair();
        assertThat(NODE.credits(account)).isEqualTo(before + 500);
        STRIPE.stripeRefund("re_1", "pi_1", 1000, returned);
        STRIPE.stripeRefund("re_2", "pi_of_another_service", 1000, 1000);

        assertThat(compare().differences())
                .containsExactly("Stripe has returned %d cents of the payment pi_1; here it is 0.".formatted(returned));
        assertRepaired();

        assertThat(NODE.credits(account)).isEqualTo(before + 500 - returned / 2);
        assertThat(DATABASE.jdbc()
                        .sql("SELECT status FROM billing_invoice")
                        .query(String.class)
                        .single())
                .isEqualTo(returned == 1000 ? "REFUNDED" : "PARTIALLY_REFUNDED");
    }

    @Test
    void aPaidInvoiceThatIsOpenHereIsADifference() {
        STRIPE.stripePackageInvoice("in_1", account, checkout().id, "pi_1", START);
        repair();
        DATABASE.jdbc().sql("UPDATE billing_invoice SET status = 'OPEN'").update();

        assertThat(compare().differences()).containsExactly("Stripe has the invoice in_1 as paid; here it is open.");
    }

    @Test
    void aDisputeThatWasNeverToldIsTakenInAndSoIsItsDecision() {
        STRIPE.stripePackageInvoice("in_1", account, checkout().id, "pi_1", START);
        long before = NODE.credits(account);
        repair();
        STRIPE.stripeDispute("pi_1", 1000, "needs_response");

        assertThat(compare().differences())
                .containsExactly("Stripe has the dispute over the payment pi_1 as open; here it is none.");
        assertRepaired();
        assertThat(NODE.credits(account)).isEqualTo(before);

        STRIPE.stripeDispute("pi_1", 1000, "won");
        assertThat(compare().differences())
                .containsExactly("Stripe has the dispute over the payment pi_1 as won; here it is open.");
        assertRepaired();
        assertThat(NODE.credits(account)).isEqualTo(before + 500);
    }

    @Test
    void whatBelongsToNobodyKnownIsToldAndKeepsNothingElseFromBeingRepaired() {
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ACTIVE);
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "12", "active", START, END);
        STRIPE.stripeSubscription("sub_2", UUID.randomUUID(), "starter", "active", START, END, true);

        assertThat(repair().differences())
                .hasSize(3)
                .contains("Stripe has the subscription sub_2, which is not known here.")
                .anyMatch(sentence -> sentence.startsWith("This could not be repaired: It names no account"));
        assertThat(compare().differences())
                .containsExactly("Stripe has the subscription sub_2, which is not known here.");
    }

    @Test
    void aClosedAccountsSubscriptionMayRunToItsEndButNotOn() {
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ENDED);
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "11", "cancelled", START, END);
        assertThat(compare().differences()).isEmpty();

        LEMON_SQUEEZY.clear();
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "11", "active", START, END);
        assertThat(repair().differences())
                .containsExactly(
                        "Lemon Squeezy goes on with the subscription 9 of account %s, which has ended here. End it there."
                                .formatted(account));
    }

    @Test
    void aSubscriptionThatBeganSinceTheListWasReadIsNoDifference() {
        know(Provider.STRIPE, "sub_1", "price_starter", SubscriptionStatus.ACTIVE);
        letStripeHave("starter", "active", false);

        assertThat(compare().differences()).isEmpty();
    }

    @Test
    void aProviderThatIsDownIsOneSentenceAndKeepsTheOtherFromNothing() {
        know(Provider.STRIPE, "sub_1", "price_starter", SubscriptionStatus.ACTIVE);
        know(Provider.LEMONSQUEEZY, "9", "11", SubscriptionStatus.ACTIVE);
        LEMON_SQUEEZY.lemonSqueezySubscription("9", "12", "active", START, END);
        STRIPE.refuse(503, "busy");

        assertThat(repair().differences())
                .containsExactlyInAnyOrder(
                        "Stripe could not be compared, because it does not answer just now.",
                        "Lemon Squeezy has the subscription 9 of account %s with plan enterprise instead of professional."
                                .formatted(account));
        assertThat(compare().differences())
                .containsExactly("Stripe could not be compared, because it does not answer just now.");
        assertThat(mapscraperPlan()).isEqualTo("starter");
    }

    @Test
    void aKeyThatIsRefusedIsOneSentenceAndTheLogNamesItsSetting(CapturedOutput output) {
        STRIPE.refuse(401, "Invalid API Key provided: sk_test_*key");

        assertThat(compare().differences())
                .containsExactly("Stripe could not be compared, because it does not answer just now.");
        assertThat(output.getOut()).contains("Stripe does not accept bactrian.billing.stripe.api-key");
    }

    @Test
    void theDailyComparisonTellsTheLogTheGaugeAndTheOperator(CapturedOutput output) {
        letStripeHave("starter", "active", true);
        String difference = "Stripe has the subscription sub_1, which is not known here.";

        NODE.get(Reconciliation.class).daily();

        assertThat(output.getOut()).contains("WARN", "Reconciliation: " + difference);
        assertThat(differencesOfTheGauge()).isEqualTo(1);
        assertThat(letters())
                .singleElement()
                .asString()
                .contains(OPERATOR, "Differences in the books", "./bactrian billing reconcile --repair", difference);

        STRIPE.clear();
        NODE.get(Reconciliation.class).daily();
        assertThat(differencesOfTheGauge()).isZero();
        assertThat(letters()).hasSize(1);
    }

    private static double differencesOfTheGauge() {
        return NODE.get(MeterRegistry.class)
                .get("bactrian.billing.differences")
                .gauge()
                .value();
    }

    private static List<String> letters() {
        return DATABASE.jdbc()
                .sql("SELECT body FROM outbox WHERE destination = 'MAILS_SEND'")
                .query(String.class)
                .list();
    }

    @Test
    void eventsThatFailedAndCreditsThatAreMissingAreTold() {
        know(
                Provider.STRIPE,
                new CheckoutEnded(
                        "cs_" + account,
                        new Owner(account, checkout().id, "cus_1", null),
                        CheckoutOutcome.PAID,
                        "pi_1",
                        1000,
                        START));
        NODE.in(() -> {
            NODE.ledger().reserve(account, Currency.CREDITS, 450, "job:1", "Work");
            NODE.ledger().settle(account, Currency.CREDITS, 450, "job:1", "Work");
            ProviderEvent failed = new ProviderEvent(
                    new ProviderMessage(Provider.STRIPE, "evt_1", "price.created", START, "{}"), false, START);
            failed.put(EventStatus.FAILED, new InvalidEventException("A test."));
            NODE.get(BillingRecords.class).add(failed);
        });
        know(Provider.STRIPE, new Refunded("pi_1", 1000, 1000, END));

        assertThat(compare().differences())
                .containsExactly(
                        "1 events of providers could not be applied: GET /admin/billing/events lists them.",
                        "Of the returned payment pi_1, account %s had spent 450 credits already; they are missing."
                                .formatted(account));
    }
}
