package io.bactrian.credit;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.event.TestEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan gives for a period, over the end of the period. */
class AllowancesTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Currency UNITS = Currency.COMPUTE_UNITS;

    private final Ledger ledger = new Ledger(DATABASE.jdbc(), new SettableClock(), TestEvents.on(DATABASE));
    private final Allowances allowances = new Allowances(DATABASE.jdbc(), new SettableClock(), TestEvents.on(DATABASE));
    private final UUID account = UUID.randomUUID();

    @AfterEach
    void theLedgerIsRight() {
        assertThat(LedgerTest.check(DATABASE).differences()).isEmpty();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void whatIsLeftOfAPlansUnitsExpiresAndTheNewOnesAreGranted() {
        begin(1, 1000);
        work("task:1", 300, 250);

        begin(2, 1000);

        assertThat(balance()).isEqualTo(new Balance(1250, 1000, 0, 250));
        assertThat(used()).isZero();
    }

    @Test
    void aPeriodBeginsOnce() {
        begin(1, 1000);

        assertThat(begin(1, 1000)).isFalse();
        assertThat(begin(2, 1000)).isTrue();
        assertThat(begin(2, 1000)).isFalse();
        assertThat(begin(1, 1000)).isFalse();

        assertThat(balance()).isEqualTo(new Balance(1000, 1000, 0, 0));
    }

    @Test
    void aPeriodBeginsOnceHoweverManyBeginIt() {
        begin(1, 1000);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 30; i++) {
                threads.execute(() -> begin(2, 700));
            }
        }

        assertThat(balance()).isEqualTo(new Balance(700, 700, 0, 0));
    }

    @Test
    void extrasAreUsedAfterThePlansUnitsAndNeverExpire() {
        begin(1, 1000);
        in(() -> ledger.grant(account, UNITS, 500, "gift", "Gift"));
        work("task:1", 1200, 1200);

        begin(2, 1000);
        assertThat(balance()).isEqualTo(new Balance(2500, 1300, 0, 1200));

        work("task:2", 100, 100);
        begin(3, 1000);
        assertThat(balance().available()).isEqualTo(1300);
    }

    @Test
    void workUnderWayKeepsItsUnitsOverTheEndOfThePeriod() {
        begin(1, 1000);
        in(() -> ledger.reserve(account, UNITS, 600, "task:1", "Task"));

        begin(2, 1000);
        assertThat(balance()).isEqualTo(new Balance(1600, 1000, 600, 0));

        in(() -> ledger.settle(account, UNITS, 600, "task:1", "Task"));
        assertThat(balance()).isEqualTo(new Balance(1600, 1000, 0, 600));
        assertThat(used()).isEqualTo(600);

        // They were the last period's: this one's are all there until its end.
        begin(3, 1000);
        assertThat(balance()).isEqualTo(new Balance(1600, 1000, 0, 600));
    }

    @Test
    void whatSuchWorkDoesNotUseExpiresWhenItEnds() {
        begin(1, 1000);
        in(() -> ledger.reserve(account, UNITS, 600, "task:1", "Task"));
        begin(2, 1000);

        in(() -> {
            ledger.settle(account, UNITS, 200, "task:1", "Task");
            ledger.release(account, UNITS, 400, "task:1", "Task");
        });

        assertThat(balance()).isEqualTo(new Balance(1200, 1000, 0, 200));
    }

    @Test
    void reservingOverEveryEndOfAPeriodPilesNothingUp() {
        begin(1, 1000);
        for (int period = 2; period < 12; period++) {
            String task = "task:" + period;
            in(() -> ledger.reserve(account, UNITS, balance().available(), task, "Task"));
            begin(period, 1000);
            in(() -> ledger.release(account, UNITS, balance().reserved(), task, "Task"));

            assertThat(balance()).isEqualTo(new Balance(1000, 1000, 0, 0));
        }
    }

    @Test
    void workThatLastsOverSeveralPeriodsStillHoldsItsUnits() {
        begin(1, 1000);
        in(() -> ledger.reserve(account, UNITS, 1000, "task:1", "Task"));
        begin(2, 1000);
        in(() -> ledger.reserve(account, UNITS, 400, "task:2", "Task"));
        begin(3, 1000);
        assertThat(balance()).isEqualTo(new Balance(2400, 1000, 1400, 0));

        in(() -> ledger.release(account, UNITS, 400, "task:2", "Task"));
        in(() -> ledger.settle(account, UNITS, 1000, "task:1", "Task"));

        assertThat(balance()).isEqualTo(new Balance(2000, 1000, 0, 1000));
    }

    @Test
    void extrasThatSuchWorkReleasesAreKept() {
        begin(1, 100);
        in(() -> {
            ledger.grant(account, UNITS, 100, "gift", "Gift");
            ledger.reserve(account, UNITS, 100, "task:1", "Task");
            ledger.reserve(account, UNITS, 100, "task:2", "Task");
        });
        begin(2, 100);

        in(() -> ledger.release(account, UNITS, 100, "task:1", "Task"));
        assertThat(balance()).isEqualTo(new Balance(300, 200, 100, 0));
        in(() -> ledger.settle(account, UNITS, 100, "task:2", "Task"));

        // Plan units are used first, so the gift is what came back.
        assertThat(balance()).isEqualTo(new Balance(300, 200, 0, 100));
        begin(3, 100);
        assertThat(balance().available()).isEqualTo(200);
    }

    @Test
    void aRefundTakesNoUnitsOfThePlan() {
        begin(1, 1000);
        in(() -> ledger.purchase(account, UNITS, 500, "order:1", "500 units"));
        work("task:1", 1200, 1200);
        begin(2, 1000);

        assertThat(refund(500)).isEqualTo(new Refund(false, 1300));
        assertThat(refund(300)).isEqualTo(new Refund(true, 1000));
    }

    @Test
    void aBetterPlanGivesTheDifferenceAndKeepsWhatWasUsed() {
        begin(1, 1000);
        work("task:1", 300, 300);

        change(10_000);

        assertThat(balance()).isEqualTo(new Balance(10_000, 9_700, 0, 300));
        assertThat(used()).isEqualTo(300);
        begin(2, 10_000);
        assertThat(balance()).isEqualTo(new Balance(10_300, 10_000, 0, 300));
    }

    @Test
    void aSmallerPlanTakesBackWhatIsNeitherUsedNorReserved() {
        begin(1, 10_000);
        in(() -> ledger.grant(account, UNITS, 50, "gift", "Gift"));
        work("task:1", 300, 300);
        in(() -> ledger.reserve(account, UNITS, 2_000, "task:2", "Task"));

        change(1000);
        assertThat(balance()).isEqualTo(new Balance(2_350, 50, 2_000, 300));

        in(() -> ledger.release(account, UNITS, 2_000, "task:2", "Task"));
        begin(2, 1000);
        assertThat(balance()).isEqualTo(new Balance(1_350, 1_050, 0, 300));
    }

    @Test
    void changingForthAndBackGainsNothing() {
        begin(1, 1000);
        for (int i = 0; i < 5; i++) {
            change(10_000);
            work("task:" + i, 500, 500);
            change(1000);
        }
        assertThat(balance()).isEqualTo(new Balance(2_500, 0, 0, 2_500));

        change(10_000);
        assertThat(balance()).isEqualTo(new Balance(10_000, 7_500, 0, 2_500));
    }

    @Test
    void aPlanWithoutUnitsHasPeriodsToo() {
        begin(1, 500);
        begin(2, 0);
        assertThat(balance()).isEqualTo(new Balance(0, 0, 0, 0));
        assertThat(begin(2, 0)).isFalse();
        begin(3, 500);

        assertThat(balance()).isEqualTo(new Balance(500, 500, 0, 0));
    }

    /** Whatever happens in whatever order, a period begins with its plan's units and all extras, and nothing is stuck. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noOrderOfThingsLosesExtrasOrPilesPlanUnitsUp(long seed) {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (long i = 0; i < seed; i++) {
            random.nextLong();
        }
        List<String> open = new ArrayList<>();
        long[] held = new long[200];
        long gifts = 0;
        begin(0, 100);
        for (int step = 1; step < 120; step++) {
            int number = step;
            switch (random.nextInt(6)) {
                case 0 -> begin(number, 100);
                case 1 -> {
                    in(() -> ledger.grant(account, UNITS, 10, "gift:" + number, "Gift"));
                    gifts += 10;
                }
                case 2 -> change(random.nextInt(50, 200));
                case 3, 4 -> {
                    long amount = Math.min(balance().available(), random.nextInt(1, 60));
                    if (amount > 0) {
                        in(() -> ledger.reserve(account, UNITS, amount, "task:" + number, "Task"));
                        held[number] = amount;
                        open.add("task:" + number);
                    }
                }
                default -> {
                    if (!open.isEmpty()) {
                        String task = open.remove(random.nextInt(open.size()));
                        end(task, held, random);
                    }
                }
            }
            if (step % 20 == 0) {
                assertThat(LedgerTest.check(DATABASE).differences()).isEmpty();
            }
        }
        for (String task : open) {
            end(task, held, random);
        }
        begin(1_000, 100);

        Balance end = balance();
        assertThat(end.reserved()).isZero();
        assertThat(end.available()).isBetween(100L, 100 + gifts);
        assertThat(end.available()).isGreaterThanOrEqualTo(100 + gifts - end.used());
    }

    private void end(String task, long[] held, RandomGenerator random) {
        long amount = held[Integer.parseInt(task.substring(5))];
        long settled = random.nextLong(amount + 1);
        in(() -> {
            ledger.settle(account, UNITS, settled, task, "Task");
            ledger.release(account, UNITS, amount - settled, task, "Task");
        });
    }

    private void work(String task, long reserved, long settled) {
        in(() -> {
            ledger.reserve(account, UNITS, reserved, task, "Task");
            ledger.settle(account, UNITS, settled, task, "Task");
            ledger.release(account, UNITS, reserved - settled, task, "Task");
        });
    }

    private boolean begin(int period, long units) {
        return DATABASE.transactions()
                .execute(transaction -> allowances.begin(account, UNITS, units, "period:" + period, "Month " + period));
    }

    private void change(long units) {
        in(() -> allowances.change(account, UNITS, units, "plan:" + UUID.randomUUID(), "Another plan"));
    }

    private Refund refund(long amount) {
        return DATABASE.transactions()
                .execute(transaction -> ledger.refund(account, UNITS, amount, "refund:" + amount, "Returned"));
    }

    private Balance balance() {
        return ledger.balance(account, UNITS);
    }

    private long used() {
        return allowances.usedInPeriod(account, UNITS);
    }

    private static void in(Runnable work) {
        DATABASE.transactions().executeWithoutResult(transaction -> work.run());
    }
}
