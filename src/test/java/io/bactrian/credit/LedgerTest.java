package io.bactrian.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.event.TestEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

class LedgerTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Currency UNITS = Currency.COMPUTE_UNITS;

    private final Ledger ledger = new Ledger(DATABASE.jdbc(), new SettableClock(), TestEvents.on(DATABASE));
    private final UUID account = UUID.randomUUID();

    @AfterEach
    void theLedgerIsRight() {
        assertThat(check(DATABASE).differences()).isEmpty();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void reservationsAtTheSameTimeNeverOverdraw() throws InterruptedException, ExecutionException {
        in(() -> ledger.grant(account, UNITS, 500, "sign-up", "Welcome"));

        List<Future<Boolean>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                String reference = "task:" + i;
                answers.add(threads.submit(() -> reserves(7, reference)));
            }
        }

        int reserved = 0;
        for (Future<Boolean> answer : answers) {
            reserved += answer.get() ? 1 : 0;
        }
        assertThat(reserved).isEqualTo(500 / 7);
        assertThat(balance()).isEqualTo(new Balance(500, 500 % 7, 500 / 7 * 7, 0));
    }

    @Test
    void oneReferenceAtTheSameTimeMovesOnce() {
        in(() -> ledger.grant(account, UNITS, 500, "sign-up", "Welcome"));

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                threads.execute(() -> in(() -> ledger.reserve(account, UNITS, 100, "task:1", "Task")));
            }
        }

        assertThat(balance()).isEqualTo(new Balance(500, 400, 100, 0));
    }

    @Test
    void whatIsReservedIsSettledInPartAndReleasedForTheRest() {
        in(() -> {
            ledger.grant(account, UNITS, 100, "sign-up", "Welcome");
            ledger.reserve(account, UNITS, 60, "task:1", "Task");
        });
        for (int repetition = 0; repetition < 3; repetition++) {
            in(() -> {
                ledger.settle(account, UNITS, 45, "task:1", "Task");
                ledger.release(account, UNITS, 15, "task:1", "Task");
            });
        }

        assertThat(balance()).isEqualTo(new Balance(100, 55, 0, 45));
    }

    @Test
    void aRefusedReservationSaysWhatIsMissingAndMovesNothing() {
        in(() -> ledger.grant(account, UNITS, 10, "sign-up", "Welcome"));

        assertThatThrownBy(() -> in(() -> ledger.reserve(account, UNITS, 11, "task:1", "Task")))
                .isInstanceOfSatisfying(InsufficientCreditsException.class, refused -> {
                    assertThat(refused.required()).isEqualTo(11);
                    assertThat(refused.available()).isEqualTo(10);
                });
        assertThat(balance()).isEqualTo(new Balance(10, 10, 0, 0));
        in(() -> ledger.reserve(account, UNITS, 10, "task:1", "Task"));
        assertThat(balance()).isEqualTo(new Balance(10, 0, 10, 0));
    }

    @Test
    void moreThanIsReservedIsNeverSettled() {
        in(() -> {
            ledger.grant(account, UNITS, 100, "sign-up", "Welcome");
            ledger.reserve(account, UNITS, 10, "task:1", "Task");
        });

        assertThatThrownBy(() -> in(() -> ledger.settle(account, UNITS, 11, "task:1", "Task")))
                .hasMessageContaining("task:1");
        assertThat(balance()).isEqualTo(new Balance(100, 90, 10, 0));
    }

    @Test
    void aTransactionThatIsRolledBackMovesNothing() {
        in(() -> ledger.grant(account, UNITS, 100, "sign-up", "Welcome"));

        DATABASE.transactions().executeWithoutResult(transaction -> {
            ledger.reserve(account, UNITS, 100, "task:1", "Task");
            transaction.setRollbackOnly();
        });

        assertThat(balance()).isEqualTo(new Balance(100, 100, 0, 0));
    }

    @Test
    void currenciesAreApart() {
        in(() -> ledger.grant(account, Currency.CREDITS, 100, "sign-up", "Welcome"));

        assertThatThrownBy(() -> in(() -> ledger.reserve(account, UNITS, 1, "task:1", "Task")))
                .isInstanceOf(InsufficientCreditsException.class);
        assertThat(ledger.balance(account, Currency.CREDITS)).isEqualTo(new Balance(100, 100, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE credit_entry SET amount = amount + 1 WHERE account_id = ?",
                "DELETE FROM credit_entry WHERE account_id = ?",
                "UPDATE credit_transfer SET amount = amount + 1 WHERE account_id = ?",
                "DELETE FROM credit_transfer WHERE account_id = ?"
            })
    void historyCannotBeChanged(String statement) {
        in(() -> ledger.grant(account, UNITS, 100, "sign-up", "Welcome"));

        assertThatThrownBy(() -> DATABASE.jdbc().sql(statement).param(account).update())
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("append-only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"credit_entry", "credit_transfer CASCADE"})
    void historyCannotBeEmptied(String table) {
        assertThatThrownBy(() -> DATABASE.jdbc().sql("TRUNCATE " + table).update())
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("append-only");
    }

    @ParameterizedTest
    @EnumSource
    void theDatabaseItselfHoldsEveryBalanceOfEveryCurrency(Currency currency) {
        in(() -> {
            ledger.grant(account, currency, 100, "sign-up", "Welcome");
            ledger.reserve(account, currency, 60, "task:1", "Task");
            ledger.settle(account, currency, 20, "task:1", "Task");
        });

        for (String bucket : List.of("available", "reserved", "used")) {
            assertThatThrownBy(() -> setBalance(currency, bucket, -1)).hasMessageContaining("not_overdrawn");
        }
        assertThatThrownBy(() -> setBalance(currency, "issued", 1)).hasMessageContaining("not_taken_back_twice");
    }

    @Test
    void whatIsBoughtIsAvailableOnce() {
        for (int repetition = 0; repetition < 3; repetition++) {
            in(() -> ledger.purchase(account, UNITS, 500, "order:1", "500 units"));
        }
        in(() -> ledger.purchase(account, UNITS, 500, "order:2", "500 units"));

        assertThat(balance()).isEqualTo(new Balance(1000, 1000, 0, 0));
    }

    @Test
    void aPurchaseIsTakenBackOnce() {
        in(() -> ledger.purchase(account, UNITS, 500, "order:1", "500 units"));
        for (int repetition = 0; repetition < 3; repetition++) {
            assertThat(refund(200, "refund:1")).isEqualTo(new Refund(true, 300));
        }

        assertThat(balance()).isEqualTo(new Balance(300, 300, 0, 0));
    }

    @Test
    void aRefundOfMoreThanIsAvailableTakesNothingAndSaysSo() {
        in(() -> {
            ledger.purchase(account, UNITS, 500, "order:1", "500 units");
            ledger.reserve(account, UNITS, 100, "task:1", "Task");
            ledger.settle(account, UNITS, 40, "task:1", "Task");
        });

        assertThat(refund(500, "refund:1")).isEqualTo(new Refund(false, 400));
        assertThat(balance()).isEqualTo(new Balance(500, 400, 60, 40));
        // It was refused, not done: it may succeed later under the same reference.
        in(() -> ledger.purchase(account, UNITS, 100, "order:2", "100 units"));
        assertThat(refund(500, "refund:1")).isEqualTo(new Refund(true, 0));
    }

    @Test
    void whatExpiresIsGoneOnce() {
        in(() -> ledger.grant(account, UNITS, 100, "sign-up", "Welcome"));
        for (int repetition = 0; repetition < 3; repetition++) {
            in(() -> ledger.expire(account, UNITS, 30, "end:1", "Unused"));
        }

        assertThat(balance()).isEqualTo(new Balance(70, 70, 0, 0));
        assertThatThrownBy(() -> in(() -> ledger.expire(account, UNITS, 71, "end:2", "Unused")))
                .hasMessageContaining("end:2");
    }

    @Test
    void totalIsAlwaysWhatIsAvailableReservedAndUsed() {
        in(() -> {
            ledger.grant(account, UNITS, 100, "a", "Gift");
            ledger.refill(account, UNITS, 200, "b", "Month");
            ledger.purchase(account, UNITS, 300, "c", "Order");
            ledger.reserve(account, UNITS, 250, "task:1", "Task");
            ledger.settle(account, UNITS, 120, "task:1", "Task");
            ledger.release(account, UNITS, 30, "task:1", "Task");
            ledger.refund(account, UNITS, 50, "d", "Returned");
            ledger.expire(account, UNITS, 10, "e", "Unused");
        });

        assertThat(balance()).isEqualTo(new Balance(540, 320, 100, 120));
    }

    @Test
    void aReferenceThatMovedAnotherAmountIsRefusedForEveryKind() {
        in(() -> {
            ledger.grant(account, UNITS, 1000, "r", "Gift");
            ledger.refill(account, UNITS, 10, "r", "Month");
            ledger.purchase(account, UNITS, 10, "r", "Order");
            ledger.refund(account, UNITS, 10, "r", "Returned");
            ledger.expire(account, UNITS, 10, "r", "Unused");
            ledger.reserve(account, UNITS, 40, "r", "Task");
            ledger.settle(account, UNITS, 10, "r", "Task");
            ledger.release(account, UNITS, 10, "r", "Task");
        });
        Balance before = balance();

        for (Movement movement : List.<Movement>of(
                ledger::grant,
                ledger::refill,
                ledger::purchase,
                ledger::refund,
                ledger::expire,
                ledger::reserve,
                ledger::settle,
                ledger::release)) {
            assertThatThrownBy(() -> in(() -> movement.of(account, UNITS, 11, "r", "Another")))
                    .isInstanceOf(ReferenceReusedException.class)
                    .hasMessageContaining("another amount");
        }
        assertThat(balance()).isEqualTo(before);
    }

    @Test
    void noWorkEndsWithMoreThanItHasReservedItself() {
        in(() -> {
            ledger.grant(account, UNITS, 100, "sign-up", "Welcome");
            ledger.reserve(account, UNITS, 50, "task:1", "Task");
            ledger.reserve(account, UNITS, 10, "task:2", "Task");
            ledger.settle(account, UNITS, 6, "task:2", "Task");
        });

        assertThatThrownBy(() -> in(() -> ledger.release(account, UNITS, 5, "task:2", "Task")))
                .hasMessageContaining("task:2");
        assertThatThrownBy(() -> in(() -> ledger.settle(account, UNITS, 5, "task:3", "Task")))
                .hasMessageContaining("task:3");
        in(() -> ledger.release(account, UNITS, 4, "task:2", "Task"));
        assertThat(balance()).isEqualTo(new Balance(100, 44, 50, 6));
    }

    @Test
    void anAmountBelowZeroIsRefused() {
        assertThatThrownBy(() -> in(() -> ledger.grant(account, UNITS, -1, "sign-up", "Welcome")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void purchasesRefundsAndReservationsAtTheSameTimeLoseNothing() {
        in(() -> ledger.purchase(account, UNITS, 1000, "order", "Units"));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                String reference = "work:" + i;
                threads.execute(() -> in(() -> ledger.purchase(account, UNITS, 3, reference, "Units")));
                threads.execute(() -> in(() -> ledger.refund(account, UNITS, 7, reference, "Returned")));
                threads.execute(() -> {
                    if (reserves(20, reference)) {
                        in(() -> ledger.settle(account, UNITS, 5, reference, "Task"));
                        in(() -> ledger.release(account, UNITS, 15, reference, "Task"));
                    }
                });
            }
        }

        Balance end = balance();
        assertThat(end.reserved()).isZero();
        assertThat(end.total()).isEqualTo(end.available() + end.used());
        assertThat(end.available()).isNotNegative();
    }

    @Test
    void historyIsWhatCameAndWentNewestFirst() {
        in(() -> {
            ledger.grant(account, UNITS, 100, "sign-up", "Welcome");
            ledger.reserve(account, UNITS, 60, "task:1", "Task 1");
            ledger.settle(account, UNITS, 20, "task:1", "Task 1");
            ledger.release(account, UNITS, 40, "task:1", "Task 1");
            ledger.purchase(account, UNITS, 500, "order:1", "500 units");
            ledger.refund(account, UNITS, 100, "refund:1", "Returned");
            ledger.grant(account, Currency.CREDITS, 1, "other", "Another currency");
            ledger.grant(UUID.randomUUID(), UNITS, 1, "other", "Another account");
        });

        History all = ledger.history(account, UNITS, 50);
        assertThat(all.transactions())
                .extracting(
                        CreditTransaction::number,
                        CreditTransaction::kind,
                        CreditTransaction::amount,
                        CreditTransaction::description)
                .containsExactly(
                        tuple(4L, TransferKind.REFUND, -100L, "Returned"),
                        tuple(3L, TransferKind.PURCHASE, 500L, "500 units"),
                        tuple(2L, TransferKind.SETTLE, -20L, "Task 1"),
                        tuple(1L, TransferKind.GRANT, 100L, "Welcome"));
        assertThat(all.lastRefill()).isEqualTo(all.transactions().get(1).at());
        assertThat(ledger.history(account, UNITS, 2).transactions())
                .extracting(CreditTransaction::number)
                .containsExactly(4L, 3L);
        assertThat(ledger.history(UUID.randomUUID(), UNITS, 2)).isEqualTo(new History(List.of(), null));
    }

    @FunctionalInterface
    private interface Movement {
        void of(UUID account, Currency currency, long amount, String reference, String description);
    }

    private Refund refund(long amount, String reference) {
        return DATABASE.transactions()
                .execute(transaction -> ledger.refund(account, UNITS, amount, reference, "Returned"));
    }

    private void setBalance(Currency currency, String bucket, int amount) {
        DATABASE.jdbc()
                .sql("UPDATE credit_balance SET balance = ? WHERE account_id = ? AND currency = ? AND bucket = ?")
                .params(amount, account, currency.column(), bucket)
                .update();
    }

    /** A check that takes every reservation for one of open work. */
    static LedgerCheck check(TestDatabase database) {
        return new LedgerCheck(database.dataSource(), database.transactionManager(), List.of(() -> """
                SELECT account_id, currency, reference, sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END)::bigint AS amount
                  FROM credit_transfer WHERE kind IN ('reserve', 'settle', 'release') GROUP BY 1, 2, 3
                HAVING sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END) > 0"""));
    }

    private boolean reserves(long amount, String reference) {
        try {
            in(() -> ledger.reserve(account, UNITS, amount, reference, "Task"));
            return true;
        } catch (InsufficientCreditsException refused) {
            return false;
        }
    }

    private Balance balance() {
        return ledger.balance(account, UNITS);
    }

    private static void in(Runnable work) {
        DATABASE.transactions().executeWithoutResult(transaction -> work.run());
    }
}
