package io.bactrian.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestPlans;
import io.bactrian.Violation;
import io.bactrian.analytics.Usage.TypeCount;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/** The counts over tasks and transfers whose times the test chooses; it is Sunday, 1 March 2026, at noon. */
class AnalyticsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final Analytics analytics = new Analytics(DATABASE.jdbc(), new SettableClock());
    private final UUID account = UUID.randomUUID();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @ParameterizedTest
    @CsvSource({
        "DAILY, , , 2026-03-01, 2026-03-01",
        "WEEKLY, , , 2026-02-23, 2026-03-01",
        "MONTHLY, , , 2026-03-01, 2026-03-31",
        "DAILY, 2024-02-29, , 2024-02-29, 2024-02-29",
        "WEEKLY, 2024-02-28, , 2024-02-28, 2024-03-05",
        "MONTHLY, 2024-01-01, , 2024-01-01, 2024-01-31",
        "MONTHLY, 2024-01-15, , 2024-01-15, 2024-02-14",
        "MONTHLY, 9998-12-31, , 9998-12-31, 9999-01-30",
        "DAILY, , 2024-03-01, 2024-03-01, 2024-03-01",
        "WEEKLY, , 2024-03-05, 2024-02-28, 2024-03-05",
        "MONTHLY, , 2024-01-31, 2024-01-01, 2024-01-31",
        "DAILY, 2024-01-01, 2024-12-31, 2024-01-01, 2024-12-31",
    })
    void theRangeIsFromTheFirstSecondOfADayToTheLastOfAnother(
            UsagePeriod period, @Nullable LocalDate start, @Nullable LocalDate end, String first, String last) {
        Usage usage = analytics.usage(account, period, start, end);

        assertThat(usage.start()).isEqualTo(Instant.parse(first + "T00:00:00Z"));
        assertThat(usage.end()).isEqualTo(Instant.parse(last + "T23:59:59Z"));
    }

    @ParameterizedTest
    @CsvSource({"2024-02-02, 2024-02-01", "2024-01-01, 2025-01-01", "1000-01-01, 9998-12-31"})
    void aRangeThatIsBackwardsOrTooLongIsRefused(LocalDate start, LocalDate end) {
        assertThatThrownBy(() -> analytics.usage(account, UsagePeriod.MONTHLY, start, end))
                .asInstanceOf(InstanceOfAssertFactories.type(InvalidInputException.class))
                .extracting(InvalidInputException::violations)
                .asInstanceOf(InstanceOfAssertFactories.list(Violation.class))
                .extracting(Violation::field)
                .containsExactly("end_date");
    }

    @Test
    void bothEndsOfTheRangeAreExact() {
        task(account, "simple_scraping", "completed", "2024-01-31T23:59:59.999Z");
        task(account, "simple_scraping", "completed", "2024-02-01T00:00:00Z");
        task(account, "simple_scraping", "failed", "2024-02-29T23:59:59.999999Z");
        task(account, "simple_scraping", "failed", "2024-03-01T00:00:00Z");
        settled(account, 1, "2024-01-31T23:59:59.999Z");
        settled(account, 20, "2024-02-01T00:00:00Z");
        settled(account, 300, "2024-02-29T23:59:59.999999Z");
        settled(account, 4000, "2024-03-01T00:00:00Z");

        Usage usage = analytics.usage(account, UsagePeriod.MONTHLY, LocalDate.parse("2024-02-01"), null);

        assertThat(usage.tasks()).isEqualTo(2);
        assertThat(usage.completed()).isEqualTo(1);
        assertThat(usage.failed()).isEqualTo(1);
        assertThat(usage.computeUnits()).isEqualTo(320);
    }

    @Test
    void typesComeMostFrequentFirstAndEveryStateCounts() {
        task(account, "simple_scraping", "pending", "2026-03-01T01:00:00Z");
        task(account, "bulk_scraping", "running", "2026-03-01T02:00:00Z");
        task(account, "bulk_scraping", "cancelled", "2026-03-01T03:00:00Z");
        task(account, "advanced_scraping", "completed", "2026-03-01T04:00:00Z");
        task(UUID.randomUUID(), "monitoring", "completed", "2026-03-01T04:00:00Z");

        Usage usage = analytics.usage(account, UsagePeriod.DAILY, null, null);

        assertThat(usage.types())
                .containsExactly(
                        new TypeCount("bulk_scraping", 2),
                        new TypeCount("advanced_scraping", 1),
                        new TypeCount("simple_scraping", 1));
        assertThat(usage.tasks()).isEqualTo(4);
        assertThat(usage.completed()).isEqualTo(1);
        assertThat(usage.failed()).isZero();
    }

    @Test
    void onlyWhatIsSettledInComputeUnitsIsUsed() {
        transfer(account, "compute_units", "settle", 5, "2026-03-01T01:00:00Z");
        transfer(account, "compute_units", "reserve", 10, "2026-03-01T01:00:00Z");
        transfer(account, "compute_units", "release", 20, "2026-03-01T01:00:00Z");
        transfer(account, "compute_units", "grant", 40, "2026-03-01T01:00:00Z");
        transfer(account, "credits", "settle", 80, "2026-03-01T01:00:00Z");
        transfer(UUID.randomUUID(), "compute_units", "settle", 160, "2026-03-01T01:00:00Z");

        assertThat(analytics.usage(account, UsagePeriod.MONTHLY, null, null).computeUnits())
                .isEqualTo(5);
        assertThat(analytics.dashboard(account).computeUnitsToday()).isEqualTo(5);
    }

    @Test
    void theDashboardCountsTodayAndTheLastThirtyDays() {
        task(account, "simple_scraping", "completed", "2026-03-01T00:00:00Z");
        task(account, "simple_scraping", "completed", "2026-02-28T23:59:59Z");
        task(account, "simple_scraping", "failed", "2026-02-10T12:00:00Z");
        task(account, "simple_scraping", "cancelled", "2026-02-10T12:00:00Z");
        task(account, "simple_scraping", "failed", "2026-01-30T11:00:00Z");
        task(account, "simple_scraping", "pending", "2026-03-01T11:00:00Z");
        task(account, "simple_scraping", "running", "2026-01-01T00:00:00Z");
        settled(account, 7, "2026-03-01T00:00:00Z");
        settled(account, 70, "2026-02-28T23:59:59Z");

        Dashboard dashboard = analytics.dashboard(account);

        assertThat(dashboard.active()).isEqualTo(2);
        assertThat(dashboard.completedToday()).isEqualTo(1);
        assertThat(dashboard.computeUnitsToday()).isEqualTo(7);
        assertThat(dashboard.successRate()).isEqualTo(0.667);
        assertThat(dashboard.recent())
                .extracting(Dashboard.RecentTask::status)
                .startsWith("pending", "completed")
                .hasSize(7);
    }

    @Test
    void anAccountWithoutTasksHasZeroes() {
        assertThat(analytics.dashboard(account)).isEqualTo(new Dashboard(0, 0, 0, 0.0, List.of()));
        assertThat(analytics.usage(account, UsagePeriod.MONTHLY, null, null).types())
                .isEmpty();
    }

    @Test
    void tenOfTheNewestTasksAreRecent() {
        for (int hour = 0; hour < 12; hour++) {
            task(account, "simple_scraping", "completed", "2026-02-01T%02d:00:00Z".formatted(hour));
        }

        assertThat(analytics.dashboard(account).recent())
                .hasSize(10)
                .extracting(Dashboard.RecentTask::createdAt)
                .isSortedAccordingTo((one, other) -> other.compareTo(one))
                .startsWith(Instant.parse("2026-02-01T11:00:00Z"));
    }

    @Test
    void manyTasksAreCountedByTheirIndexes() {
        DATABASE.jdbc().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at, completed_at)
                        SELECT gen_random_uuid(), ?, 'A task', 'simple_scraping', 'completed', 5, repeat('x', 500), 'free', 1,
                               5, 5, at, at, at
                          FROM generate_series(1, 100000) n, LATERAL (SELECT timestamptz '2026-03-01T11:00:00Z' - n * interval '10 minutes' AS at)""").param(account).update();
        DATABASE.jdbc().sql("""
                        INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                        SELECT ?, 'compute_units', kind, 5, 'task:' || n, 'Task', timestamptz '2026-03-01T11:00:00Z' - n * interval '10 minutes'
                          FROM generate_series(1, 100000) n, unnest(ARRAY['reserve', 'settle']) kind""").param(account).update();
        DATABASE.jdbc().sql("VACUUM ANALYZE task").update();
        DATABASE.jdbc().sql("VACUUM ANALYZE credit_transfer").update();
        Timestamp from = Timestamp.from(Instant.parse("2026-02-01T00:00:00Z"));
        Timestamp to = Timestamp.from(Instant.parse("2026-03-01T00:00:00Z"));

        TestPlans.assertReadByIndex(explain(Analytics.TASKS_BY_TYPE).params(account, from, to), "task");
        TestPlans.assertReadByIndex(explain(Analytics.UNITS).params(account, from, to), "credit_transfer");
        StatementSpec standing =
                explain(Analytics.STANDING).params(Map.of("account", account, "today", from, "lately", from));
        TestPlans.assertReadByIndex(standing, "task");
        TestPlans.assertReadByIndex(standing, "credit_transfer");
        TestPlans.assertReadInOrder(explain(Analytics.NEWEST).params(account, 10), "task");
        assertThat(analytics
                        .usage(account, UsagePeriod.MONTHLY, LocalDate.parse("2026-02-01"), null)
                        .computeUnits())
                .isEqualTo(28 * 144 * 5);
    }

    private static StatementSpec explain(String sql) {
        return DATABASE.jdbc().sql("EXPLAIN " + sql);
    }

    /** A task that was created and, if its state is an end, ended at that time. */
    private static void task(UUID account, String type, String status, String at) {
        boolean ended = !status.equals("pending") && !status.equals("running");
        DATABASE.jdbc()
                .sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at, completed_at)
                        VALUES (?, ?, 'A task', ?, ?, 5, '{}', 'free', 1, 5, 5, ?, ?, ?)""")
                .params(
                        UUID.randomUUID(),
                        account,
                        type,
                        status,
                        Timestamp.from(Instant.parse(at)),
                        Timestamp.from(Instant.parse(at)),
                        ended ? Timestamp.from(Instant.parse(at)) : null)
                .update();
    }

    private static void settled(UUID account, long amount, String at) {
        transfer(account, "compute_units", "settle", amount, at);
    }

    private static void transfer(UUID account, String currency, String kind, long amount, String at) {
        DATABASE.jdbc()
                .sql("""
                        INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                        VALUES (?, ?, ?, ?, ?, 'Task', ?)""")
                .params(
                        account,
                        currency,
                        kind,
                        amount,
                        UUID.randomUUID().toString(),
                        Timestamp.from(Instant.parse(at)))
                .update();
    }
}
