package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlanPeriodsTest {
    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final BillingNode node = new BillingNode(database, clock);
    private UUID account = UUID.randomUUID();

    @BeforeEach
    void openAnAccount() {
        node.at("2026-01-31T08:30:00Z");
        account = node.open();
    }

    @AfterEach
    void theLedgerIsRight() {
        try (database;
                node) {
            assertThat(node.differences()).isEmpty();
        }
    }

    @Test
    void aNewAccountBeginsWithTheUnitsOfItsPlan() {
        assertThat(node.units(account)).isEqualTo(new Balance(1000, 1000, 0, 0));
        assertThat(node.period(account)).containsExactly(time("2026-01-31T08:30:00Z"), time("2026-02-28T08:30:00Z"));
        assertThat(node.periods().find(node.account(account), PlanApi.SELEXTRACT))
                .isEmpty();
    }

    @Test
    void aPeriodIsRenewedAtItsEndAndNotBefore() {
        use(400);
        node.at("2026-02-28T08:29:59Z");
        assertThat(node.periods().renewDue()).isZero();
        assertThat(node.units(account).available()).isEqualTo(600);

        node.at("2026-02-28T08:30:00Z");
        assertThat(node.periods().renewDue()).isOne();
        assertThat(node.periods().renewDue()).isZero();

        assertThat(node.units(account)).isEqualTo(new Balance(1400, 1000, 0, 400));
        assertThat(node.period(account)).containsExactly(time("2026-02-28T08:30:00Z"), time("2026-03-31T08:30:00Z"));
    }

    @Test
    void aShortMonthDoesNotShiftTheLaterOnes() {
        node.at("2026-02-28T08:30:00Z");
        node.periods().renewDue();
        node.at("2026-03-31T08:29:59Z");
        assertThat(node.periods().renewDue()).isZero();
        node.at("2026-03-31T08:30:00Z");
        assertThat(node.periods().renewDue()).isOne();

        assertThat(node.period(account)).containsExactly(time("2026-03-31T08:30:00Z"), time("2026-04-30T08:30:00Z"));
    }

    @Test
    void afterThreeMonthsOfDowntimeThereIsOneRefill() {
        use(100);
        node.at("2026-05-15T12:00:00Z");

        assertThat(node.periods().renewDue()).isOne();
        assertThat(node.periods().renewDue()).isZero();

        assertThat(node.units(account)).isEqualTo(new Balance(1100, 1000, 0, 100));
        assertThat(node.transfers(account, "refill")).isEqualTo(2);
        assertThat(node.transfers(account, "expire")).isOne();
        assertThat(node.period(account)).containsExactly(time("2026-04-30T08:30:00Z"), time("2026-05-31T08:30:00Z"));
    }

    @Test
    void manyNodesAtOnceRenewAPeriodOnce() throws InterruptedException, ExecutionException {
        for (int i = 0; i < 40; i++) {
            node.open();
        }
        node.at("2026-03-01T00:00:00Z");
        int renewed = 0;
        try (BillingNode second = new BillingNode(database, clock);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> runs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                BillingNode one = i % 2 == 0 ? node : second;
                runs.add(threads.submit(() -> one.periods().renewDue()));
            }
            for (Future<Integer> run : runs) {
                renewed += run.get();
            }
        }

        assertThat(renewed + node.periods().renewDue()).isEqualTo(41);
        assertThat(node.transfers(account, "refill")).isEqualTo(2);
        assertThat(node.units(account)).isEqualTo(new Balance(1000, 1000, 0, 0));
    }

    @Test
    void moreAccountsThanABatchAreAllRenewed() {
        for (int i = 0; i < 250; i++) {
            node.open();
        }
        node.at("2026-03-01T00:00:00Z");

        assertThat(node.periods().renewDue()).isEqualTo(251);
        assertThat(node.periods().renewDue()).isZero();
    }

    @Test
    void nothingExpiresWithoutItsRefillAndOneFailureKeepsNoOtherBack() {
        UUID other = node.open();
        use(400);
        node.at("2026-03-01T00:00:00Z");
        database.jdbc().sql("""
                        CREATE FUNCTION fail_refill() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN RAISE EXCEPTION 'the database fails between expiry and refill'; END $$""").update();
        database.jdbc()
                .sql(
                        "CREATE TRIGGER fail_refill BEFORE INSERT ON credit_transfer FOR EACH ROW WHEN (NEW.kind = 'refill' AND NEW.account_id = '%s') EXECUTE FUNCTION fail_refill()"
                                .formatted(account))
                .update();

        assertThat(node.periods().renewDue()).isOne();
        assertThat(node.units(other)).isEqualTo(new Balance(1000, 1000, 0, 0));
        assertThat(node.units(account)).isEqualTo(new Balance(1000, 600, 0, 400));
        assertThat(node.transfers(account, "expire")).isZero();

        database.jdbc().sql("DROP TRIGGER fail_refill ON credit_transfer").update();
        assertThat(node.periods().renewDue()).isOne();
        assertThat(node.units(account)).isEqualTo(new Balance(1400, 1000, 0, 400));
    }

    @Test
    void aBetterPlanRaisesTheLimitAtOnceWithinThePeriod() {
        use(400);
        node.at("2026-02-10T00:00:00Z");
        node.change(account, "professional");

        assertThat(node.units(account)).isEqualTo(new Balance(10_000, 9_600, 0, 400));
        assertThat(node.account(account).selextractPlan()).isEqualTo("professional");
        PlanPeriod subscription =
                node.periods().find(node.account(account), PlanApi.SELEXTRACT).orElseThrow();
        assertThat(subscription.id()).startsWith("sub_").hasSize(40);
        assertThat(subscription.planId()).isEqualTo("professional");
        assertThat(subscription.periodEnd()).isEqualTo(time("2026-02-28T08:30:00Z"));

        node.at("2026-02-28T08:30:00Z");
        node.periods().renewDue();
        assertThat(node.units(account)).isEqualTo(new Balance(10_400, 10_000, 0, 400));
        assertThat(node.periods().find(node.account(account), PlanApi.SELEXTRACT))
                .hasValueSatisfying(renewed -> assertThat(renewed.id()).isEqualTo(subscription.id()));
    }

    @Test
    void thePlanThatAnAccountHasChangesNothing() {
        node.change(account, "professional");
        long refills = node.transfers(account, "refill");

        node.change(account, "professional");

        assertThat(node.transfers(account, "refill")).isEqualTo(refills);
        assertThat(node.units(account)).isEqualTo(new Balance(10_000, 10_000, 0, 0));
    }

    @Test
    void backOnTheFreePlanThereIsNoSubscriptionAndOnlyWhatTheFreePlanGives() {
        node.change(account, "professional");
        use(400);
        node.change(account, "free");

        assertThat(node.units(account)).isEqualTo(new Balance(1000, 600, 0, 400));
        assertThat(node.periods().find(node.account(account), PlanApi.SELEXTRACT))
                .isEmpty();
    }

    @Test
    void aChangeAfterTheEndOfAPeriodBeginsTheNextOneFirst() {
        use(400);
        node.at("2026-03-05T00:00:00Z");
        node.change(account, "professional");

        assertThat(node.units(account)).isEqualTo(new Balance(10_400, 10_000, 0, 400));
        assertThat(node.period(account)).containsExactly(time("2026-02-28T08:30:00Z"), time("2026-03-31T08:30:00Z"));
        assertThat(node.periods().renewDue()).isZero();
    }

    @Test
    void starterGivesCreditsEachMonthFromItsBeginningAndTheyStay() {
        node.at("2026-02-10T12:00:00Z");
        node.change(account, "starter");
        assertThat(node.credits(account)).isEqualTo(1000);
        assertThat(node.account(account).mapscraperPlan()).isEqualTo("starter");
        assertThat(node.account(account).selextractPlan()).isEqualTo("free");

        node.at("2026-03-10T12:00:00Z");
        // Both plans of the account.
        assertThat(node.periods().renewDue()).isEqualTo(2);
        assertThat(node.credits(account)).isEqualTo(2000);
        assertThat(node.periods().find(node.account(account), PlanApi.MAPSCRAPER))
                .hasValueSatisfying(starter -> assertThat(starter.periodEnd()).isEqualTo(time("2026-04-10T12:00:00Z")));
    }

    @Test
    void leavingStarterAndComingBackWithinAMonthGivesItsCreditsOnce() {
        node.at("2026-02-10T12:00:00Z");
        for (int i = 0; i < 3; i++) {
            node.change(account, "starter");
            node.change(account, "free", PlanApi.MAPSCRAPER);
        }
        assertThat(node.credits(account)).isEqualTo(1000);
        assertThat(node.periods().find(node.account(account), PlanApi.MAPSCRAPER))
                .isEmpty();

        node.at("2026-04-01T12:00:00Z");
        node.periods().renewDue();
        assertThat(node.credits(account)).isEqualTo(1000);
        node.change(account, "starter");
        assertThat(node.credits(account)).isEqualTo(2000);
        assertThat(node.periods().find(node.account(account), PlanApi.MAPSCRAPER))
                .hasValueSatisfying(starter -> assertThat(starter.periodEnd()).isEqualTo(time("2026-05-01T12:00:00Z")));
    }

    @Test
    void changesOfAPlanAtTheSameTimeGiveItsUnitsOnce() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                threads.execute(() -> node.change(account, "starter"));
                threads.execute(() -> node.change(account, "professional"));
            }
        }

        assertThat(node.credits(account)).isEqualTo(1000);
        assertThat(node.units(account)).isEqualTo(new Balance(10_000, 10_000, 0, 0));
    }

    @Test
    void aClosedAccountGetsNothingMore() {
        database.jdbc().sql("UPDATE account SET is_active = false").update();
        node.at("2026-03-01T00:00:00Z");

        node.periods().renewDue();
        node.at("2026-05-01T00:00:00Z");

        assertThat(node.periods().renewDue()).isZero();
        assertThat(node.transfers(account, "refill")).isOne();
    }

    @Test
    void aPlanThatDoesNotExistIsRefusedWithThoseThatDo() {
        assertThatThrownBy(() -> node.change(account, "gold"))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        refused -> assertThat(refused.violations())
                                .singleElement()
                                .satisfies(violation -> {
                                    assertThat(violation.field()).isEqualTo("plan_id");
                                    assertThat(violation.message())
                                            .isEqualTo(
                                                    "must be one of annual, enterprise, free, growth, professional, starter, yearly");
                                }));
        assertThatThrownBy(() -> node.change(account, "professional", PlanApi.MAPSCRAPER))
                .hasMessageContaining("free, growth, starter, yearly");
    }

    private void use(long units) {
        node.in(() -> {
            String reference = "task:" + UUID.randomUUID();
            node.ledger().reserve(account, Currency.COMPUTE_UNITS, units, reference, "Task");
            node.ledger().settle(account, Currency.COMPUTE_UNITS, units, reference, "Task");
        });
    }

    private static Instant time(String text) {
        return Instant.parse(text);
    }
}
