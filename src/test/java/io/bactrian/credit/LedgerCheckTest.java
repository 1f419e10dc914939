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
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spoils the books in every way, and looks whether the check finds it; each time in a transaction that is taken back. */
class LedgerCheckTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Currency UNITS = Currency.COMPUTE_UNITS;

    private final Ledger ledger = new Ledger(DATABASE.jdbc(), new SettableClock(), TestEvents.on(DATABASE));
    private final Allowances allowances = new Allowances(DATABASE.jdbc(), new SettableClock(), TestEvents.on(DATABASE));
    private final LedgerCheck check = new LedgerCheck(
            DATABASE.dataSource(),
            DATABASE.transactionManager(),
            List.of(() -> "SELECT account_id, currency, reference, amount FROM work", () -> """
                            SELECT account_id, currency, reference, amount FROM work WHERE false"""));
    private final UUID account = UUID.randomUUID();

    @BeforeAll
    static void makeATableOfWork() {
        DATABASE.jdbc()
                .sql("CREATE TABLE work (account_id uuid, currency text, reference text, amount bigint)")
                .update();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @BeforeEach
    void keepBooks() {
        DATABASE.transactions().executeWithoutResult(transaction -> {
            allowances.begin(account, UNITS, 100, "period:1", "First month");
            reserve("task:1", 30);
            ledger.settle(account, UNITS, 10, "task:1", "Task");
            sql("UPDATE work SET amount = 20 WHERE account_id = ?", account);
        });
    }

    @Test
    void theBooksAreRight() {
        List<String> differences = new ArrayList<>();

        LedgerCheck.Result result = check.run(differences::add);

        assertThat(differences).isEmpty();
        assertThat(result.differences()).isZero();
        assertThat(result.accounts()).isPositive();
        assertThat(result.transfers()).isGreaterThanOrEqualTo(3 * result.accounts());
        assertThat(result.reservations()).isEqualTo(result.accounts());
        assertThat(check.hasLedger()).isTrue();
    }

    @Test
    void aBalanceThatIsNotTheSumOfItsEntriesIsFound() {
        assertThat(
                        after(
                                "UPDATE credit_balance SET balance = balance + 1 WHERE account_id = ? AND bucket = 'available'"))
                .containsExactly("Account %s has 71 compute_units available by its balance and 70 by its entries."
                        .formatted(account));
    }

    @Test
    void aBalanceThatIsMissingIsFound() {
        assertThat(after("DELETE FROM credit_balance WHERE account_id = ? AND bucket = 'used'"))
                .containsExactly(
                        "Account %s has 0 compute_units used by its balance and 10 by its entries.".formatted(account));
    }

    @Test
    void aBalanceBelowZeroIsFoundWhereNoConstraintHoldsIt() {
        List<String> differences = after(
                "ALTER TABLE credit_balance DROP CONSTRAINT credit_balance_not_overdrawn",
                "UPDATE credit_balance SET balance = -5 WHERE account_id = ? AND bucket = 'available'");

        assertThat(differences)
                .contains("Account %s has -5 compute_units available, which is below zero.".formatted(account));
    }

    @Test
    void aTransferThatDoesNotAddUpIsFound() {
        List<String> differences = after(
                "ALTER TABLE credit_entry DISABLE TRIGGER USER",
                "UPDATE credit_entry SET amount = amount + 1 WHERE account_id = ? AND bucket = 'used'");

        assertThat(differences)
                .hasSize(2)
                .anyMatch(sentence ->
                        sentence.equals("Transfer %d does not add up to zero.".formatted(transfer("settle"))))
                .contains("Account %s has 10 compute_units used by its balance and 11 by its entries."
                        .formatted(account));
    }

    @Test
    void aTransferWithoutEntriesIsFound() {
        assertThat(
                        after(
                                "ALTER TABLE credit_entry DISABLE TRIGGER USER",
                                "DELETE FROM credit_entry WHERE account_id = ? AND transfer_id IN (SELECT id FROM credit_transfer WHERE kind = 'settle')"))
                .contains("Transfer %d is a settle of 10, and its entries are not.".formatted(transfer("settle")));
    }

    @Test
    void entriesThatDoNotWhatTheirTransferSaysAreFound() {
        assertThat(after(
                        "ALTER TABLE credit_transfer DISABLE TRIGGER USER",
                        "UPDATE credit_transfer SET kind = 'grant' WHERE account_id = ? AND kind = 'settle'"))
                .contains("Transfer %d is a grant of 10, and its entries are not.".formatted(transfer("settle")));
    }

    @Test
    void aReservationWithoutWorkIsFound() {
        assertThat(after("DELETE FROM work WHERE account_id = ?"))
                .containsExactly("Account %s has 20 compute_units reserved for task:1 and its open work holds 0."
                        .formatted(account));
    }

    @Test
    void workWithoutItsReservationIsFound() {
        assertThat(after("INSERT INTO work VALUES (?, 'compute_units', 'task:2', 7)"))
                .containsExactly("Account %s has 0 compute_units reserved for task:2 and its open work holds 7."
                        .formatted(account));
    }

    @Test
    void workOfAnotherCurrencyIsNotThatOfThisOne() {
        assertThat(after("UPDATE work SET currency = 'credits' WHERE account_id = ?"))
                .hasSize(2);
    }

    @Test
    void anAllowanceThatHasForgottenWhatItCarriesIsFound() {
        assertThat(after("UPDATE credit_allowance SET carried_reserved = 3 WHERE account_id = ?"))
                .containsExactly(
                        "Account %s has 3 compute_units reserved from before its period by its allowance and 0 by its entries."
                                .formatted(account));
    }

    @Test
    void oneStateIsLookedAtWhateverHappensMeanwhile() {
        AtomicBoolean ended = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> {
                for (int i = 0; i < 200; i++) {
                    String reference = "busy:" + i;
                    DATABASE.transactions().executeWithoutResult(transaction -> reserve(reference, 5));
                    DATABASE.transactions().executeWithoutResult(transaction -> {
                        ledger.settle(account, UNITS, 0, reference, "Task");
                        ledger.release(account, UNITS, 5, reference, "Task");
                        sql("DELETE FROM work WHERE reference = '" + reference + "' AND account_id = ?", account);
                    });
                }
                ended.set(true);
            });
            while (!ended.get()) {
                assertThat(check.differences()).isEmpty();
            }
        }
    }

    private void reserve(String reference, long amount) {
        ledger.reserve(account, UNITS, amount, reference, "Task");
        sql("INSERT INTO work VALUES (?, 'compute_units', '%s', %d)".formatted(reference, amount), account);
    }

    private long transfer(String kind) {
        return DATABASE.jdbc()
                .sql("SELECT id FROM credit_transfer WHERE account_id = ? AND kind = ?")
                .params(account, kind)
                .query(Long.class)
                .single();
    }

    private List<String> after(String... statements) {
        return DATABASE.transactions().execute(transaction -> {
            transaction.setRollbackOnly();
            for (String statement : statements) {
                sql(statement, account);
            }
            return check.differences();
        });
    }

    private static void sql(String statement, UUID account) {
        var prepared = DATABASE.jdbc().sql(statement);
        (statement.contains("?") ? prepared.param(account) : prepared).update();
    }
}
