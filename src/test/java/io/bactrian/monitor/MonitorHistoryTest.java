package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestDatabase;
import io.bactrian.TestPlans;
import io.bactrian.Window;
import io.bactrian.recovery.RecoveryRoom;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How much of a long history is looked at. */
class MonitorHistoryTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final UUID TASK = UUID.randomUUID();

    private final JdbcClient database = DATABASE.jdbc();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void oldRowsAreFoundAmongNewOnesThatUseTheirSpaceAgain() {
        for (String table : List.of("monitor_row", "monitor_change")) {
            insert(table);
            database.sql("VACUUM ANALYZE " + table).update();
            Timestamp before = Timestamp.from(Instant.parse("2026-01-01T00:10:00Z"));

            String plan = String.join(
                    "\n",
                    database.sql("EXPLAIN ANALYZE SELECT ctid FROM " + table
                                    + " WHERE checked_at < ? ORDER BY checked_at LIMIT 5000")
                            .param(before)
                            .query(String.class)
                            .list());
            // The index itself excludes all others.
            assertThat(plan)
                    .contains(table + "_checked_at")
                    .doesNotContain("Rows Removed by Index Recheck", "Seq Scan");
            assertThat(new MonitorStore(database, RecoveryRoom.of(database))
                            .forgetSome(table, before.toInstant(), 5_000))
                    .isEqualTo(40);
        }
    }

    @Test
    void changesAreReadOutOfAnIndexInOrder() {
        insert("monitor_change");
        database.sql("VACUUM ANALYZE monitor_change").update();

        for (int page : List.of(1, 2_500, 5_000)) {
            Window window = Window.of(50_000, page, 10);
            TestPlans.assertReadInOrder(
                    database.sql("EXPLAIN " + MonitorHistory.ids(window)).params(TASK, window.limit(), window.offset()),
                    "monitor_change");
        }
    }

    @Test
    void monitorsAskedForAgainAreFoundAmongAllByAnIndex() {
        database.sql(
                        "INSERT INTO monitor (task_id, fired_at) SELECT gen_random_uuid(), now() FROM generate_series(1, 20000)")
                .update();
        database.sql("VACUUM ANALYZE monitor").update();

        TestPlans.assertReadByIndex(RecoveryRoom.of(database).statement("EXPLAIN " + MonitorStore.HOPELESS), "monitor");
    }

    /** Rows in an order that is not that of time; forty of them are of the first ten minutes. */
    private void insert(String table) {
        database.sql("DELETE FROM " + table).update();
        String columns = table.equals("monitor_row")
                ? "(task_id, check_number, position, data, metadata, checked_at) SELECT ?, n, 0, '{}', '{}', at"
                : "(id, task_id, check_number, position, url, changes, notified, checked_at)"
                        + " SELECT gen_random_uuid(), ?, n, 0, 'https://shop.example/', '[]', true, at";
        database.sql("INSERT INTO " + table + " " + columns + " " + """
                         FROM generate_series(1, 50000) n, LATERAL (SELECT timestamptz '2026-01-01T00:00:00Z'
                              + ((n * 7919) % 50000) * interval '15 seconds' AS at) times""")
                .param(TASK)
                .update();
    }
}
