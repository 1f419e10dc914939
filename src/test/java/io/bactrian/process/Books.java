package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What must hold of a node's database whenever no task is under way. */
final class Books {
    private Books() {}

    /** No message, lane, cursor or visit is left behind, the ledger is right by its own check, and nothing is reserved. */
    static void areClosed(ServiceProcess service) {
        await("all work is done").atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            for (String table : new String[] {"outbox", "task_lane", "task_cursor", "job_lane", "job_visit"}) {
                assertThat(count(service.database(), table))
                        .as("rows of " + table)
                        .isZero();
            }
        });
        ServiceProcess.Finished check = service.command("ledger", "check");
        assertThat(check.status()).as(check.output() + check.errors()).isZero();
        assertThat(check.output()).contains("The ledger is right", " 0 reservations");
    }

    static long count(JdbcClient database, String table) {
        return database.sql("SELECT count(*) FROM " + table).query(Long.class).single();
    }
}
