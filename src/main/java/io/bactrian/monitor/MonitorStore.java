package io.bactrian.monitor;

import io.bactrian.recovery.Recovery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Monitors, the values that they know, and the history of their checks in the database. */
@Component
class MonitorStore {
    private static final List<String> TABLES =
            List.of("monitor_value", "monitor_failure", "monitor_row", "monitor_change", "monitor");

    /** Moves the task's rows; a page without one was not fetched, and is told as it is in other tasks. */
    private static final String KEEP_ROWS = """
            INSERT INTO monitor_row (task_id, check_number, position, data, error_code, error_message, metadata, checked_at)
            SELECT :task, :number, u.number - 1, r.data,
                   CASE WHEN r.position IS NULL THEN 'cancelled' ELSE r.error_code END,
                   CASE WHEN r.position IS NULL THEN 'The task was cancelled before this page was fetched.'
                        ELSE r.error_message END,
                   r.metadata, :at
              FROM task_urls c CROSS JOIN unnest(c.urls) WITH ORDINALITY AS u(url, number)
              LEFT JOIN task_row r ON r.task_id = c.task_id AND r.position = u.number - 1
             WHERE c.task_id = :task AND c.first_position = 0""";

    static final String HOPELESS = """
            SELECT task_id FROM monitor m
             WHERE asked_at < :lost AND asked_at + work_wait(:seconds, reissues) < :now AND reissues >= :most
               AND work_failed('task:' || task_id, asked_at)
               AND NOT EXISTS (SELECT 1 FROM task_check c WHERE c.task_id = m.task_id)
             ORDER BY asked_at LIMIT :few""";

    private final JdbcClient database;
    private final Recovery recovery;

    MonitorStore(JdbcClient database, Recovery recovery) {
        this.database = database;
        this.recovery = recovery;
    }

    /**
     * A monitor's state.
     *
     * @param firedAt since when a check is due and not over, or null
     */
    record Monitor(
            UUID task, MonitorStatus status, @Nullable Instant firedAt, boolean toldOfUnits) {
        /** The number of the check that is due or under way, or of the next one. */
        int number() {
            return status.checks() + 1;
        }
    }

    /**
     * What is known of a selector's values.
     *
     * @param notified JSON; what later values are compared with
     * @param seen JSON; the last value where it is another one, or null
     */
    record Known(String notified, @Nullable String seen) {}

    record Failure(int checks, boolean told) {}

    record Row(
            @Nullable String data,
            @Nullable String errorCode,
            @Nullable String errorMessage) {}

    void insert(UUID task, @Nullable Instant next, Instant firedAt) {
        database.sql("INSERT INTO monitor (task_id, next_check_at, fired_at) VALUES (?, ?, ?)")
                .params(task, timestamp(next), timestamp(firedAt))
                .update();
    }

    /**
     * Counts the account's tasks that are checked by schedule, until the transaction ends one transaction at a time for each
     * account; otherwise two could each see the last free place.
     */
    int countActive(UUID account) {
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")
                .param("monitors:" + account)
                .query()
                .listOfRows();
        return database.sql("""
                        SELECT count(*) FROM monitor m JOIN task t ON t.id = m.task_id
                         WHERE t.account_id = ? AND t.status IN ('pending', 'running') AND NOT m.paused""").param(account).query(Integer.class).single();
    }

    Optional<Monitor> find(UUID task) {
        return find(List.of(task)).values().stream().findFirst();
    }

    Map<UUID, Monitor> find(List<UUID> tasks) {
        Map<UUID, Monitor> found = new HashMap<>();
        database.sql("SELECT * FROM monitor WHERE task_id = ANY(?)")
                .param(tasks.toArray(UUID[]::new))
                .query(MonitorStore::monitor)
                .list()
                .forEach(monitor -> found.put(monitor.task(), monitor));
        return found;
    }

    /** Locks the monitors whose check is due, as long as nobody else has them, and gives their tasks. */
    List<UUID> lockDue(Instant now, int most) {
        return database.sql("""
                        SELECT task_id FROM monitor WHERE fired_at IS NULL AND next_check_at <= ?
                         ORDER BY next_check_at LIMIT ? FOR UPDATE SKIP LOCKED""").params(timestamp(now), most).query(UUID.class).list();
    }

    void fired(UUID task, Instant at, @Nullable Instant next) {
        database.sql(
                        "UPDATE monitor SET fired_at = ?, next_check_at = ?, asked_at = NULL, reissues = 0 WHERE task_id = ?")
                .params(timestamp(at), timestamp(next), task)
                .update();
    }

    /** Claims monitors whose check has been due for long and is not there, and notes that it is asked for again. */
    List<Monitor> claimLost() {
        return recovery.statement("""
                        UPDATE monitor a
                           SET asked_at = :now,
                               reissues = a.reissues
                                   + work_failed('task:' || a.task_id, coalesce(a.asked_at, a.fired_at))::integer
                         WHERE task_id IN (
                            SELECT task_id FROM monitor m
                             WHERE fired_at < :lost AND coalesce(asked_at, fired_at) < :lost
                               AND coalesce(asked_at, fired_at) + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most OR NOT work_failed('task:' || task_id, coalesce(asked_at, fired_at)))
                               AND NOT EXISTS (SELECT 1 FROM task_check c WHERE c.task_id = m.task_id)
                               AND EXISTS (SELECT 1 FROM task t WHERE t.id = m.task_id AND t.status IN ('pending', 'running'))
                             ORDER BY fired_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING a.*""").query(MonitorStore::monitor).list();
    }

    /** Monitors whose check has failed to begin after the last time that it was asked for. */
    List<UUID> hopeless() {
        return recovery.statement(HOPELESS).query(UUID.class).list();
    }

    void schedule(UUID task, boolean paused, @Nullable Instant next) {
        database.sql("UPDATE monitor SET paused = ?, next_check_at = ? WHERE task_id = ?")
                .params(paused, timestamp(next), task)
                .update();
    }

    void checked(UUID task, int number, Instant at, boolean failed, boolean toldOfUnits) {
        database.sql("""
                        UPDATE monitor SET checks = ?, last_check_at = ?, fired_at = NULL, asked_at = NULL, reissues = 0, told_of_units = ?,
                            failed_checks = CASE WHEN ? THEN failed_checks + 1 ELSE 0 END
                         WHERE task_id = ?""")
                .params(number, timestamp(at), toldOfUnits, failed, task)
                .update();
    }

    /** Stops all further checks. */
    void ended(UUID task) {
        database.sql("UPDATE monitor SET next_check_at = NULL, fired_at = NULL, asked_at = NULL WHERE task_id = ?")
                .param(task)
                .update();
    }

    void delete(UUID task) {
        for (String table : TABLES) {
            database.sql("DELETE FROM " + table + " WHERE task_id = ?")
                    .param(task)
                    .update();
        }
    }

    /** The row that the task's check has of a URL. */
    Row row(UUID task, int position) {
        return database.sql("SELECT data, error_code, error_message FROM task_row WHERE task_id = ? AND position = ?")
                .params(task, position)
                .query((row, number) -> new Row(row.getString(1), row.getString(2), row.getString(3)))
                .single();
    }

    /** Makes the task's rows those of a check. */
    void keepRows(UUID task, int number, Instant at) {
        database.sql(KEEP_ROWS)
                .param("task", task)
                .param("number", number)
                .param("at", timestamp(at))
                .update();
        database.sql("DELETE FROM task_row WHERE task_id = ?").param(task).update();
    }

    /** Records a check that had no pages, for one reason. */
    void insertRows(UUID task, int number, Instant at, int pages, String errorCode, String errorMessage) {
        database.sql("""
                        INSERT INTO monitor_row (task_id, check_number, position, error_code, error_message, checked_at)
                        SELECT ?, ?, generate_series(0, ? - 1), ?, ?, ?""")
                .params(task, number, pages, errorCode, errorMessage, timestamp(at))
                .update();
    }

    /** By selector. */
    Map<String, Known> values(UUID task, int position) {
        Map<String, Known> values = new HashMap<>();
        database.sql("SELECT selector, notified, seen FROM monitor_value WHERE task_id = ? AND position = ?")
                .params(task, position)
                .query(row -> {
                    values.put(row.getString(1), new Known(row.getString(2), row.getString(3)));
                });
        return values;
    }

    void remember(UUID task, int position, String selector, Known value) {
        database.sql("""
                        INSERT INTO monitor_value (task_id, position, selector, notified, seen) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (task_id, position, selector)
                        DO UPDATE SET notified = excluded.notified, seen = excluded.seen""")
                .params(task, position, selector, value.notified(), value.seen())
                .update();
    }

    Failure failure(UUID task, int position) {
        return database.sql("SELECT checks, told FROM monitor_failure WHERE task_id = ? AND position = ?")
                .params(task, position)
                .query((row, number) -> new Failure(row.getInt(1), row.getBoolean(2)))
                .optional()
                .orElse(new Failure(0, false));
    }

    void remember(UUID task, int position, Failure failure) {
        database.sql("""
                        INSERT INTO monitor_failure (task_id, position, checks, told) VALUES (?, ?, ?, ?)
                        ON CONFLICT (task_id, position) DO UPDATE SET checks = excluded.checks, told = excluded.told""")
                .params(task, position, failure.checks(), failure.told())
                .update();
    }

    void forgetFailure(UUID task, int position) {
        database.sql("DELETE FROM monitor_failure WHERE task_id = ? AND position = ?")
                .params(task, position)
                .update();
    }

    void insertChange(UUID task, int number, int position, String url, String changes, boolean notified, Instant at) {
        database.sql("""
                        INSERT INTO monitor_change (id, task_id, check_number, position, url, changes, notified, checked_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(UUID.randomUUID(), task, number, position, url, changes, notified, timestamp(at))
                .update();
    }

    /** Forgets what a task's checks up to that one have left. */
    void forgetChecks(UUID task, int upTo) {
        for (String table : List.of("monitor_row", "monitor_change")) {
            database.sql("DELETE FROM " + table + " WHERE task_id = ? AND check_number <= ?")
                    .params(task, upTo)
                    .update();
        }
    }

    /** Forgets some of what checks before a time have left; says how much. */
    int forgetSome(String table, Instant before, int most) {
        return database.sql(forget(table)).params(timestamp(before), most).update();
    }

    static String forget(String table) {
        return "DELETE FROM %1$s WHERE ctid = ANY(ARRAY(SELECT ctid FROM %1$s WHERE checked_at < ? ORDER BY checked_at LIMIT ?))"
                .formatted(table);
    }

    private static Monitor monitor(ResultSet row, int number) throws SQLException {
        return new Monitor(
                row.getObject("task_id", UUID.class),
                new MonitorStatus(
                        instant(row, "next_check_at"),
                        instant(row, "last_check_at"),
                        row.getInt("checks"),
                        row.getBoolean("paused"),
                        row.getInt("failed_checks")),
                instant(row, "fired_at"),
                row.getBoolean("told_of_units"));
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant().truncatedTo(ChronoUnit.MILLIS);
    }
}
