package io.bactrian.analytics;

import io.bactrian.analytics.Dashboard.RecentTask;
import io.bactrian.analytics.Usage.TypeCount;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Counts what accounts do and use. Each number is read when it is asked for; the indexes of the migrations V8 and V25 are its own. */
@Service
public final class Analytics {
    private static final Duration SUCCESS_RATE_OVER = Duration.ofDays(30);
    private static final int RECENT_TASKS = 10;

    static final String TASKS_BY_TYPE = """
            SELECT task_type, count(*), count(*) FILTER (WHERE status = 'completed'),
                   count(*) FILTER (WHERE status = 'failed')
              FROM task WHERE account_id = ? AND created_at >= ? AND created_at < ?
             GROUP BY task_type ORDER BY 2 DESC, 1""";

    static final String UNITS = """
            SELECT coalesce(sum(amount), 0) FROM credit_transfer
             WHERE account_id = ? AND currency = 'compute_units' AND kind = 'settle'
               AND created_at >= ? AND created_at < ?""";

    static final String STANDING = """
            SELECT (SELECT count(*) FROM task
                     WHERE account_id = :account AND status IN ('pending', 'running')) AS active,
                   (SELECT count(*) FROM task
                     WHERE account_id = :account AND status = 'completed' AND completed_at >= :today)
                       AS completed_today,
                   (SELECT coalesce(sum(amount), 0) FROM credit_transfer
                     WHERE account_id = :account AND currency = 'compute_units' AND kind = 'settle'
                       AND created_at >= :today) AS units_today,
                   lately.completed, lately.failed
              FROM (SELECT count(*) FILTER (WHERE status = 'completed') AS completed,
                           count(*) FILTER (WHERE status = 'failed') AS failed
                      FROM task WHERE account_id = :account AND completed_at >= :lately) AS lately""";

    static final String NEWEST = """
            SELECT id, name, status, created_at FROM task WHERE account_id = ?
             ORDER BY created_at DESC, id DESC LIMIT ?""";

    private final JdbcClient database;
    private final Clock clock;

    Analytics(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * What the account did and used in a range of days in UTC.
     *
     * @param start the first day, or null
     * @param end the last day, or null; with only one of the days the period begins or ends there, with none it is the
     *     current one
     * @throws io.bactrian.InvalidInputException if the end is before the start, or more than 366 days are asked for
     */
    public Usage usage(UUID account, UsagePeriod period, @Nullable LocalDate start, @Nullable LocalDate end) {
        UsageRange range = UsageRange.of(period, start, end, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        Timestamp from = Timestamp.from(range.start());
        Timestamp to = Timestamp.from(range.after());
        List<TypeCounts> types = database.sql(TASKS_BY_TYPE)
                .params(account, from, to)
                .query((row, number) ->
                        new TypeCounts(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .list();
        long computeUnits =
                database.sql(UNITS).params(account, from, to).query(Long.class).single();
        List<TypeCount> counts = new ArrayList<>();
        long tasks = 0;
        long completed = 0;
        long failed = 0;
        for (TypeCounts type : types) {
            counts.add(new TypeCount(type.type(), type.tasks()));
            tasks += type.tasks();
            completed += type.completed();
            failed += type.failed();
        }
        return new Usage(
                range.start(),
                range.after().minusSeconds(1),
                tasks,
                completed,
                failed,
                computeUnits,
                List.copyOf(counts));
    }

    private record TypeCounts(String type, long tasks, long completed, long failed) {}

    /** How the account stands now. */
    public Dashboard dashboard(UUID account) {
        Instant now = clock.instant();
        Counts counts = database.sql(STANDING)
                .param("account", account)
                .param("today", Timestamp.from(now.truncatedTo(ChronoUnit.DAYS)))
                .param("lately", Timestamp.from(now.minus(SUCCESS_RATE_OVER)))
                .query((row, number) -> new Counts(
                        row.getLong("active"),
                        row.getLong("completed_today"),
                        row.getLong("units_today"),
                        row.getLong("completed"),
                        row.getLong("failed")))
                .single();
        return new Dashboard(
                counts.active(),
                counts.completedToday(),
                counts.unitsToday(),
                successRate(counts.completed(), counts.failed()),
                recent(account));
    }

    private record Counts(long active, long completedToday, long unitsToday, long completed, long failed) {}

    private List<RecentTask> recent(UUID account) {
        return database.sql(NEWEST)
                .params(account, RECENT_TASKS)
                .query((row, number) -> new RecentTask(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        row.getString("status"),
                        row.getTimestamp("created_at").toInstant()))
                .list();
    }

    private static double successRate(long completed, long failed) {
        long ended = completed + failed;
        return ended == 0 ? 0 : Math.round(completed * 1000.0 / ended) / 1000.0;
    }
}
