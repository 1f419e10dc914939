package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.NotFoundException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.SandboxBooks.Bill;
import io.bactrian.billing.SandboxBooks.Outcome;
import io.bactrian.billing.sandbox.Sandbox;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The money path from the click to the ledger, with the sandbox in place of both companies. */
class SandboxTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final BillingNode NODE = new BillingNode(DATABASE, CLOCK);
    private static final Set<EventStatus> UNAPPLIED =
            Set.of(EventStatus.RECEIVED, EventStatus.WAITING, EventStatus.FAILED);
    private static final String SUCCESS = "https://shop.example/thanks";
    private static final String CANCEL = "https://shop.example/pity";

    private final Sandbox sandbox = NODE.get(Sandbox.class);
    private final Subscriptions subscriptions = NODE.get(Subscriptions.class);
    private UUID account;

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    @BeforeEach
    void openAccount() {
        NODE.at("2026-01-31T10:00:00Z");
        account = NODE.open();
    }

    @AfterEach
    void nothingIsMissing() {
        assertThat(NODE.differences()).isEmpty();
        assertThat(events()).as("events that were not applied").isEmpty();
        endAll();
    }

    /** Leaves nothing that the next test would renew. */
    private void endAll() {
        for (Provider provider : Provider.values()) {
            NODE.get(SandboxBooks.class)
                    .open(account, provider)
                    .forEach(standing ->
                            NODE.get(PaymentProviders.class).get(provider).end(standing.providerId(), ""));
        }
        settle();
    }

    private static List<BillingEvents.Entry> events() {
        return NODE.get(BillingEvents.class).list(UNAPPLIED, 0, 100);
    }

    /** Applies what was told, the oldest first, as the queue does. */
    private static void settle() {
        for (int round = 0; round < 3; round++) {
            events().reversed().forEach(event -> NODE.get(BillingEvents.class).apply(event.id()));
        }
    }

    private static void renew() {
        NODE.get(Sandbox.class).renewDue();
        settle();
    }

    private static UUID checkout(Purchases.Page page) {
        return UUID.fromString(page.url().substring(page.url().lastIndexOf('/') + 1));
    }

    private void buy(String item) {
        assertThat(sandbox.end(checkout(NODE.get(Purchases.class).buy(account, item)), Outcome.PAY))
                .isTrue();
        settle();
    }

    private void subscribe(String plan) {
        assertThat(sandbox.end(subscription(plan), Outcome.PAY)).isTrue();
        settle();
    }

    private UUID subscription(String plan) {
        return checkout(NODE.get(Purchases.class).subscribe(account, plan, SUCCESS, CANCEL));
    }

    private PaidSubscription plan(PlanApi api) {
        return subscriptions.find(NODE.account(account), api).orElseThrow();
    }

    private List<Bill> bills(Provider provider) {
        return NODE.get(SandboxBooks.class).bills(account, provider);
    }

    @Test
    void anEventAtWhichTheServiceFailsIsSeenByTheOperatorAndAppliedAgain() {
        DATABASE.jdbc()
                .sql("ALTER TABLE billing_payment ADD CONSTRAINT none CHECK (units = 0) NOT VALID")
                .update();
        try {
            buy("small");

            assertThat(events()).singleElement().satisfies(event -> {
                assertThat(event.status()).isEqualTo(EventStatus.FAILED);
                assertThat(event.reason()).isEqualTo("This service failed at it; its log says why.");
            });
            assertThat(NODE.credits(account)).isZero();
        } finally {
            DATABASE.jdbc()
                    .sql("ALTER TABLE billing_payment DROP CONSTRAINT none")
                    .update();
        }
        NODE.get(BillingEvents.class).again(events().getFirst().id());
        settle();

        assertThat(NODE.credits(account)).isEqualTo(500);
    }

    @Test
    void packagesGiveTheirCreditsOnce() {
        Purchases.Page page = NODE.get(Purchases.class).buy(account, "small");
        UUID checkout = checkout(page);
        assertThat(page.url()).isEqualTo("http://localhost:3001/sandbox/checkout/" + checkout);
        assertThat(page.id()).isEqualTo("cs_test_" + checkout.toString().replace("-", ""));

        assertThat(sandbox.end(checkout, Outcome.PAY)).isTrue();
        assertThat(sandbox.sale(checkout).orElseThrow().open()).isFalse();
        assertThat(sandbox.end(checkout, Outcome.PAY)).isFalse();
        assertThat(sandbox.end(checkout, Outcome.CANCEL)).isFalse();
        settle();

        assertThat(NODE.credits(account)).isEqualTo(500);
        assertThat(bills(Provider.STRIPE)).singleElement().satisfies(bill -> {
            assertThat(bill.amount()).isEqualTo(1000);
            assertThat(bill.status()).isEqualTo("paid");
            assertThat(bill.description()).isEqualTo("Small package of credits");
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"DECLINE", "CANCEL"})
    void checkoutsThatAreNotPaidGiveNothing(Outcome outcome) {
        UUID credits = checkout(NODE.get(Purchases.class).buy(account, "small"));
        UUID plan = subscription("professional");

        assertThat(sandbox.end(credits, outcome)).isTrue();
        assertThat(sandbox.end(plan, outcome)).isTrue();
        assertThat(sandbox.end(credits, Outcome.PAY)).isFalse();
        assertThat(sandbox.end(plan, Outcome.PAY)).isFalse();
        settle();

        assertThat(NODE.credits(account)).isZero();
        assertThat(subscriptions.find(NODE.account(account), PlanApi.SELEXTRACT))
                .isEmpty();
        assertThat(statuses()).containsOnly(outcome == Outcome.DECLINE ? "DECLINED" : "CANCELLED");
    }

    private List<String> statuses() {
        return DATABASE.jdbc()
                .sql("SELECT status FROM billing_checkout WHERE account_id = ?")
                .param(account)
                .query(String.class)
                .list();
    }

    @Test
    void checkoutsExpire() {
        UUID checkout = checkout(NODE.get(Purchases.class).buy(account, "small"));
        NODE.at("2026-01-31T11:00:00Z");

        assertThat(sandbox.sale(checkout).orElseThrow().open()).isFalse();
        assertThat(sandbox.end(checkout, Outcome.PAY)).isFalse();
    }

    @Test
    void unknownCheckoutsAreNotFound() {
        assertThat(sandbox.sale(UUID.randomUUID())).isEmpty();
        assertThatThrownBy(() -> sandbox.end(UUID.randomUUID(), Outcome.PAY)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> sandbox.document(UUID.randomUUID())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void plansOfStripeAreBoughtChangedCancelledAndResumed() {
        buy("starter");
        assertThat(NODE.credits(account)).isEqualTo(1000);
        assertThat(plan(PlanApi.MAPSCRAPER).paymentMethod()).isEqualTo("card_ending_4242");

        assertThat(subscriptions.change(account, PlanApi.MAPSCRAPER, "growth").planId())
                .isEqualTo("growth");
        settle();
        assertThat(NODE.credits(account)).isEqualTo(5000);

        cancelAndResume(PlanApi.MAPSCRAPER);
        assertThat(NODE.credits(account)).isEqualTo(5000);
    }

    @Test
    void plansOfLemonSqueezyAreBoughtChangedCancelledAndResumed() {
        subscribe("professional");
        assertThat(NODE.units(account).available()).isEqualTo(10_000);

        subscriptions.change(account, PlanApi.SELEXTRACT, "enterprise");
        settle();
        assertThat(NODE.units(account).available()).isEqualTo(100_000);

        cancelAndResume(PlanApi.SELEXTRACT);
        assertThat(NODE.units(account).available()).isEqualTo(100_000);
    }

    @Test
    void aChangeOfTheIntervalBeginsAPeriodAtOnce() {
        subscribe("professional");
        buy("starter");
        NODE.at("2026-02-10T10:00:00Z");

        subscriptions.change(account, PlanApi.SELEXTRACT, "annual");
        subscriptions.change(account, PlanApi.MAPSCRAPER, "yearly");
        settle();

        for (PlanApi api : PlanApi.values()) {
            assertThat(plan(api).periodStart()).isEqualTo("2026-02-10T10:00:00Z");
            assertThat(plan(api).periodEnd()).isEqualTo("2027-02-10T10:00:00Z");
        }
        assertThat(NODE.period(account))
                .containsExactly(Instant.parse("2026-02-10T10:00:00Z"), Instant.parse("2026-03-10T10:00:00Z"));
        assertThat(NODE.credits(account)).isEqualTo(12_000);
        NODE.at("2027-02-10T10:00:10Z");
        renew();
        assertThat(plan(PlanApi.SELEXTRACT).periodEnd()).isEqualTo("2028-02-10T10:00:00Z");
        assertThat(NODE.credits(account)).isEqualTo(24_000);
    }

    private void cancelAndResume(PlanApi api) {
        assertThat(subscriptions.cancel(account, api).cancelAtPeriodEnd()).isTrue();
        settle();
        assertThat(plan(api).cancelAtPeriodEnd()).isTrue();
        assertThat(subscriptions.resume(account, api).cancelAtPeriodEnd()).isFalse();
        settle();
        assertThat(plan(api).cancelAtPeriodEnd()).isFalse();
    }

    @Test
    void monthsAreCountedFromTheFirst() {
        subscribe("professional");
        buy("starter");
        assertThat(plan(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(Instant.parse("2026-02-28T10:00:00Z"));

        NODE.at("2026-02-28T09:59:59Z");
        renew();
        assertThat(plan(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(Instant.parse("2026-02-28T10:00:00Z"));

        NODE.at("2026-02-28T10:00:30Z");
        renew();
        for (PlanApi api : PlanApi.values()) {
            assertThat(plan(api).periodStart()).isEqualTo(Instant.parse("2026-02-28T10:00:00Z"));
            assertThat(plan(api).periodEnd()).isEqualTo(Instant.parse("2026-03-31T10:00:00Z"));
        }
        assertThat(NODE.period(account))
                .containsExactly(Instant.parse("2026-02-28T10:00:00Z"), Instant.parse("2026-03-31T10:00:00Z"));
        assertThat(NODE.credits(account)).isEqualTo(2000);
    }

    @Test
    void missedPeriodsAreRenewedOneAfterTheOther() {
        buy("starter");
        NODE.at("2026-04-02T00:00:00Z");

        renew();
        renew();
        renew();

        assertThat(plan(PlanApi.MAPSCRAPER).periodEnd()).isEqualTo(Instant.parse("2026-04-30T10:00:00Z"));
        assertThat(NODE.credits(account)).isEqualTo(3000);
    }

    @Test
    void aPeriodIsRenewedOnceHoweverOftenThatIsTold() {
        buy("starter");
        subscribe("professional");
        NODE.at("2026-02-28T10:00:00Z");
        sandbox.renewDue();
        NODE.at("2026-02-28T10:01:00Z");
        sandbox.renewDue();
        settle();

        assertThat(NODE.credits(account)).isEqualTo(2000);
        assertThat(bills(Provider.STRIPE)).hasSize(2);
        assertThat(bills(Provider.LEMONSQUEEZY)).hasSize(2);
    }

    @Test
    void yearsArePaidAtOnceAndGiveUnitsEachMonth() {
        subscribe("annual");
        assertThat(plan(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(Instant.parse("2027-01-31T10:00:00Z"));

        NODE.at("2026-03-01T00:00:00Z");
        renew();
        NODE.periods().renewDue();
        assertThat(NODE.period(account))
                .containsExactly(Instant.parse("2026-02-28T10:00:00Z"), Instant.parse("2026-03-31T10:00:00Z"));
        assertThat(bills(Provider.LEMONSQUEEZY)).hasSize(1);

        NODE.at("2027-01-31T10:00:00Z");
        renew();
        assertThat(plan(PlanApi.SELEXTRACT).periodEnd()).isEqualTo(Instant.parse("2028-01-31T10:00:00Z"));
        assertThat(bills(Provider.LEMONSQUEEZY)).hasSize(2);
    }

    @Test
    void cancelledPlansEndWithTheirPeriod() {
        subscribe("professional");
        buy("starter");
        subscriptions.cancel(account, PlanApi.SELEXTRACT);
        subscriptions.cancel(account, PlanApi.MAPSCRAPER);
        settle();

        NODE.at("2026-02-28T10:00:00Z");
        renew();

        assertThat(NODE.account(account).selextractPlan()).isEqualTo(Plans.FREE);
        assertThat(NODE.account(account).mapscraperPlan()).isEqualTo(Plans.FREE);
        assertThat(NODE.credits(account)).isEqualTo(1000);
        assertThat(bills(Provider.LEMONSQUEEZY)).hasSize(1);
    }

    @Test
    void thePortalCancelsAndResumesForAnHour() {
        subscribe("professional");
        String url = subscriptions.portal(account, PlanApi.SELEXTRACT);
        assertThat(url).startsWith("http://localhost:3001/sandbox/portal/");
        String token = url.substring(url.lastIndexOf('/') + 1);

        Sandbox.Portal portal = sandbox.portal(token).orElseThrow();
        assertThat(portal.subscriptions()).singleElement().satisfies(standing -> {
            assertThat(standing.title()).isEqualTo("Professional");
            assertThat(standing.cancelled()).isFalse();
        });
        assertThat(portal.bills()).hasSize(1);

        assertThat(sandbox.cancel(token, true)).isTrue();
        settle();
        assertThat(plan(PlanApi.SELEXTRACT).cancelAtPeriodEnd()).isTrue();
        assertThat(sandbox.cancel(token, false)).isTrue();
        settle();
        assertThat(plan(PlanApi.SELEXTRACT).cancelAtPeriodEnd()).isFalse();

        for (String forged : List.of("", "x", token + "A", token.substring(1), "ä", "A".repeat(300))) {
            assertThat(sandbox.portal(forged)).as(forged).isEmpty();
            assertThat(sandbox.cancel(forged, true)).isFalse();
        }
        NODE.at("2026-01-31T11:00:00Z");
        assertThat(sandbox.portal(token)).isEmpty();
        assertThat(sandbox.cancel(token, true)).isFalse();
    }

    @Test
    void theBooksOfTheSandboxAndOursAgree() {
        subscribe("professional");
        buy("starter");

        assertThat(NODE.get(PaymentProviders.class).all())
                .hasSize(2)
                .allSatisfy(provider -> provider.list(
                        Instant.EPOCH, fact -> assertThat(fact).isInstanceOf(BillingFact.SubscriptionState.class)));
    }

    @Test
    void invoicesArePdfs() throws IOException {
        buy("small");
        UUID id = bills(Provider.STRIPE).getFirst().id();
        assertThat(text(id))
                .contains("SANDBOX-", "2026-01-31", "Small package of credits", "USD 10.00", "no money has moved");

        DATABASE.jdbc()
                .sql("UPDATE billing_invoice SET description = ? WHERE id = ?")
                .params("Größe Ω Ж\n\t\u0007\u202e 漢字 😀 (\\) " + "x".repeat(500), id)
                .update();

        assertThat(text(id)).contains("Größe Ω Ж????", "(\\) xxx").doesNotContain("\u202e");
    }

    private String text(UUID invoice) throws IOException {
        try (PDDocument document = Loader.loadPDF(sandbox.document(invoice))) {
            assertThat(document.getNumberOfPages()).isEqualTo(1);
            return new PDFTextStripper().getText(document);
        }
    }
}
