package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestDatabase;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Counts of tasks stay right, and few, whatever is folded when. */
class TallyTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final JdbcClient database = DATABASE.jdbc();
    private final Tally tally = new Tally(database);

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void foldingKeepsEverySumAndOneRowForEachCount() {
        UUID account = UUID.randomUUID();
        insert(account, 20);
        fold();
        insert(account, 20);
        database.sql("UPDATE task SET status = 'running' WHERE account_id = ? AND priority <= 5")
                .param(account)
                .update();
        assertThat(sum(account, "pending")).isEqualTo(20);
        assertThat(sum(account, "running")).isEqualTo(20);

        fold();

        assertThat(sum(account, "pending")).isEqualTo(20);
        assertThat(sum(account, "running")).isEqualTo(20);
        assertThat(rows(account)).isEqualTo(2);
    }

    @Test
    void anAccountWhoseTasksAreDeletedLeavesNothing() {
        UUID account = UUID.randomUUID();
        insert(account, 10);
        fold();
        database.sql("DELETE FROM task WHERE account_id = ?").param(account).update();

        fold();

        assertThat(rows(account)).isZero();
    }

    @Test
    void aChangeUnderWayIsCountedWhenItCommits() {
        UUID account = UUID.randomUUID();
        insert(account, 10);
        DATABASE.transactions().executeWithoutResult(transaction -> {
            insert(account, 5);
            Thread other = new Thread(this::fold);
            other.start();
            join(other);
        });

        assertThat(sum(account, "pending")).isEqualTo(15);
        fold();
        assertThat(sum(account, "pending")).isEqualTo(15);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void fold() {
        DATABASE.transactions().executeWithoutResult(transaction -> tally.fold());
    }

    private void insert(UUID account, int tasks) {
        database.sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        SELECT gen_random_uuid(), ?, 'Task', 'simple_scraping', 'pending', 1 + n % 10, '{}', 'free', 1, 5, 5,
                               now(), now() FROM generate_series(1, ?) n""").params(account, tasks).update();
    }

    private long sum(UUID account, String status) {
        return database.sql("SELECT coalesce(sum(entries), 0) FROM tally WHERE account_id = ? AND status = ?")
                .params(account, status)
                .query(Long.class)
                .single();
    }

    private int rows(UUID account) {
        return database.sql("SELECT count(*) FROM tally WHERE account_id = ?")
                .param(account)
                .query(Integer.class)
                .single();
    }
}
