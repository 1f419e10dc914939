package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Accounts that were made before there were periods. */
class UpgradeTest {
    @Test
    void anAccountGoesOnWithWhatItHasUntilTheEndOfItsFirstMonth() {
        try (TestDatabase server = TestDatabase.create()) {
            server.jdbc().sql("CREATE DATABASE upgrade TEMPLATE template0").update();
            String url = server.url().replaceFirst("/test_[0-9]+", "/upgrade");
            DriverManagerDataSource upgraded = new DriverManagerDataSource(url);
            JdbcClient database = JdbcClient.create(upgraded);
            migrate(upgraded, MigrationVersion.fromVersion("4"));
            database.sql("""
                            INSERT INTO account (id, email, selextract_plan, created_at, updated_at)
                            VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.com', 'free', '2026-01-31T08:00Z', '2026-01-31T08:00Z'),
                                   ('00000000-0000-0000-0000-000000000002', 'b@example.com', 'professional', '2026-01-31T08:00Z', '2026-01-31T08:00Z')""").update();
            move(database, "grant", "issued", "available", 1000, "sign-up");
            move(database, "reserve", "available", "reserved", 300, "task:1");
            move(database, "settle", "reserved", "used", 200, "task:1");

            migrate(upgraded, MigrationVersion.LATEST);

            assertThat(database.sql("SELECT granted, used, settled, carried, carried_reserved FROM credit_allowance")
                            .query()
                            .singleRow()
                            .values())
                    .containsExactly(1000L, 200L, 200L, 0L, 0L);
            assertThat(database.sql("""
                                    SELECT api || ' ' || to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' '
                                           || (subscription_id IS NULL) FROM plan_period ORDER BY account_id""").query(String.class).list())
                    .containsExactly("selextract 2026-02-28 08:00 true", "selextract 2026-02-28 08:00 false");
            move(database, "release", "reserved", "available", 100, "task:1");
            assertThat(database.sql("""
                                    SELECT credit_begin_period('00000000-0000-0000-0000-000000000001', 'compute_units', 1000,
                                           'period:2', 'Month', now())""").query(Boolean.class).single()).isTrue();
            assertThat(database.sql("SELECT balance FROM credit_balance WHERE bucket = 'available'")
                            .query(Long.class)
                            .single())
                    .isEqualTo(1000);
        }
    }

    private static void migrate(DriverManagerDataSource database, MigrationVersion version) {
        Flyway.configure()
                .dataSource(database)
                .locations("classpath:db/migration")
                .target(version)
                .load()
                .migrate();
    }

    private static void move(JdbcClient database, String kind, String from, String to, long amount, String reference) {
        assertThat(database.sql("""
                                SELECT credit_move('00000000-0000-0000-0000-000000000001', 'compute_units', ?, ?, ?, ?, ?,
                                       'What it was for', now())""")
                        .params(kind, from, to, amount, reference)
                        .query(String.class)
                        .single())
                .isEqualTo("moved");
    }
}
