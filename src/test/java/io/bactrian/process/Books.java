package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.credit.LedgerCheck;
import io.bactrian.credit.LedgerCheckApplication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
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
        assertThatTheLedgerIsRight(service);
    }

    /** By what {@code ./bactrian ledger check} looks with, in this JVM. */
    private static void assertThatTheLedgerIsRight(ServiceProcess service) {
        List<String> differences = new ArrayList<>();
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(LedgerCheckApplication.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + service.databaseUrl(),
                        "--spring.datasource.hikari.maximum-pool-size=1",
                        "--spring.artemis.broker-url=vm://none",
                        "--bactrian.postgres.join=true")) {
            LedgerCheck.Result result = context.getBean(LedgerCheck.class).run(differences::add);
            assertThat(differences).isEmpty();
            assertThat(result.reservations()).as("reservations of open work").isZero();
        }
    }

    static long count(JdbcClient database, String table) {
        return database.sql("SELECT count(*) FROM " + table).query(Long.class).single();
    }
}
