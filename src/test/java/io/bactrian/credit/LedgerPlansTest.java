package io.bactrian.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestDatabase;
import io.bactrian.TestPlans;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is read of an account with very many transfers. */
class LedgerPlansTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final JdbcClient database = DATABASE.jdbc();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void theHistoryOfManyTransfersIsReadOutOfIndexesInOrder() {
        UUID account = UUID.randomUUID();
        for (UUID other : new UUID[] {UUID.randomUUID(), account}) {
            database.sql("""
                            INSERT INTO credit_balance (account_id, currency, bucket, balance)
                            VALUES (?, 'credits', 'available', 0)""").param(other).update();
            database.sql("""
                            INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                            SELECT ?, 'credits', kind, 1, 'job:' || n, 'Job', now()
                              FROM generate_series(1, 200) n, unnest(ARRAY['reserve', 'settle']) kind
                             UNION ALL SELECT ?, 'credits', 'grant', 1, 'sign-up', 'Welcome', now()""").params(other, other).update();
            database.sql("ALTER TABLE credit_transfer DISABLE TRIGGER credit_transfer_shown")
                    .update();
            database.sql("""
                            INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                            SELECT ?, 'credits', 'settle', 1, 'task:' || n, 'Task', now()
                              FROM generate_series(1, 50000) n""").param(other).update();
            database.sql("ALTER TABLE credit_transfer ENABLE TRIGGER credit_transfer_shown")
                    .update();
        }
        // Again where another session's snapshot keeps pages from being known to be visible to all.
        await().untilAsserted(() -> {
            database.sql("VACUUM ANALYZE credit_transfer").update();
            assertPlans(account);
        });
        assertThat(database.sql(Ledger.HISTORY)
                        .params(Map.of("account", account, "currency", "credits", "limit", 2))
                        .query((row, number) -> row.getLong(1))
                        .list())
                .containsExactly(201L, 200L);
    }

    private void assertPlans(UUID account) {
        TestPlans.assertReadBy(
                database.sql("EXPLAIN " + Ledger.HISTORY)
                        .params(Map.of("account", account, "currency", "credits", "limit", 50)),
                "credit_transfer",
                "credit_transfer_history");
        TestPlans.assertReadBy(
                database.sql("EXPLAIN " + Ledger.LAST_REFILL).params(account, "credits"),
                "credit_transfer",
                "credit_transfer_came");
        TestPlans.assertReadBy(
                database.sql("EXPLAIN " + Transfers.AFTER).params(account, 0, 100),
                "credit_transfer",
                "credit_transfer_by_account");
    }
}
