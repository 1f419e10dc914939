package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.springframework.jdbc.core.simple.JdbcClient;

/** What must hold of a node's database whenever no task is under way. */
final class Books {
    private Books() {}

    /** The ledger sums up, nothing is reserved, and no message, lane or cursor was left behind. */
    static void areClosed(JdbcClient database) {
        assertThat(database.sql("""
                        SELECT coalesce(b.bucket, e.bucket) || ': ' || coalesce(b.balance, 0) || ' / ' || coalesce(e.amount, 0)
                          FROM credit_balance b
                          FULL JOIN (SELECT account_id, currency, bucket, sum(amount) AS amount
                                       FROM credit_entry GROUP BY 1, 2, 3) e USING (account_id, currency, bucket)
                         WHERE coalesce(b.balance, 0) <> coalesce(e.amount, 0)""").query(String.class).list())
                .as("balances that are not the sum of their entries")
                .isEmpty();
        assertThat(database.sql("SELECT transfer_id FROM credit_entry GROUP BY 1 HAVING sum(amount) <> 0")
                        .query(Long.class)
                        .list())
                .as("transfers that do not add up to zero")
                .isEmpty();
        assertThat(database.sql("SELECT coalesce(sum(balance), 0) FROM credit_balance WHERE bucket = 'reserved'")
                        .query(Long.class)
                        .single())
                .as("units reserved")
                .isZero();
        for (String table : new String[] {"outbox", "task_lane", "task_cursor"}) {
            assertThat(count(database, table)).as("rows of " + table).isZero();
        }
    }

    static long count(JdbcClient database, String table) {
        return database.sql("SELECT count(*) FROM " + table).query(Long.class).single();
    }
}
