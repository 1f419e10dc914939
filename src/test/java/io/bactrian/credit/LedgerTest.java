package io.bactrian.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

class LedgerTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Currency UNITS = Currency.COMPUTE_UNITS;

    private final Ledger ledger = new Ledger(DATABASE.jdbc(), new SettableClock());
    private final UUID account = UUID.randomUUID();

    @AfterEach
    void theLedgerIsRight() {
        assertThat(ledger.differences()).isEmpty();
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

    @Test
    void aBalanceThatWasTamperedWithIsFound() {
        in(() -> ledger.grant(account, UNITS, 100, "sign-up", "Welcome"));

        addToAvailable(1);
        assertThat(ledger.differences())
                .containsExactly("Account %s has 101 compute_units available by its balance and 100 by its entries."
                        .formatted(account));
        addToAvailable(-1);
    }

    private void addToAvailable(int amount) {
        DATABASE.jdbc()
                .sql("UPDATE credit_balance SET balance = balance + ? WHERE account_id = ? AND bucket = 'available'")
                .params(amount, account)
                .update();
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
