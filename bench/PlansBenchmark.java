import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.flywaydb.core.Flyway;

/**
 * What one account with a million rows costs its lists, counts and admissions: each statement with its plan and its time, on the
 * schema before migration V25 with the statements of then, and on the schema after it with the statements of now.
 *
 * <p>The data is made by the database itself, in a scratch PostgreSQL of the embedded kind with the settings that it comes with.
 * Both times are the least of five runs, so that what else the machine does weighs little. The table comes last.
 */
public final class PlansBenchmark {
    static final String ACCOUNT = "'00000000-0000-0000-0000-000000000001'";
    static final String OTHER = "'00000000-0000-0000-0000-000000000002'";

    record Question(String name, String before, String after) {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length == 2 && arguments[0].equals("--rows") ? Integer.parseInt(arguments[1]) : 1_000_000;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            migrate(postgres, "24?");
            statement.execute("SET synchronous_commit = off");
            for (String table : data(rows)) {
                long begun = System.nanoTime();
                statement.execute(table);
                System.out.printf("made %s in %d s%n", table.split("[ (]+")[2], (System.nanoTime() - begun) / 1_000_000_000);
            }
            statement.execute("VACUUM ANALYZE");
            Map<String, Double> before = new LinkedHashMap<>();
            for (Question question : questions(rows)) {
                before.put(question.name(), time(statement, "before", question.name(), question.before()));
            }
            migrate(postgres, "latest");
            statement.execute("VACUUM ANALYZE");
            Map<String, Double> after = new LinkedHashMap<>();
            for (Question question : questions(rows)) {
                after.put(question.name(), time(statement, "after", question.name(), question.after()));
            }
            System.out.printf("%n| %d rows of one account | before, ms | after, ms |%n|---|---|---|%n", rows);
            before.forEach((name, time) ->
                    System.out.printf(Locale.ROOT, "| %s | %.2f | %.2f |%n", name, time, after.get(name)));
        }
    }

    private static void migrate(EmbeddedPostgres postgres, String target) {
        Flyway.configure().dataSource(postgres.getPostgresDatabase()).locations("classpath:db/migration").target(target).load()
                .migrate();
    }

    /** Prints the plan of the last of five runs, and gives the least of their times in milliseconds. */
    private static double time(Statement statement, String when, String name, String sql) throws SQLException {
        double least = Double.MAX_VALUE;
        List<String> plan = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            statement.execute("BEGIN");
            plan.clear();
            try (ResultSet lines = statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS OFF) " + sql)) {
                while (lines.next()) {
                    plan.add(lines.getString(1));
                }
            }
            statement.execute("ROLLBACK");
            least = Math.min(least, Double.parseDouble(plan.getLast().replaceAll("[^0-9.]", "")));
        }
        System.out.printf("%n--- %s, %s%n%s%n%s%n", name, when, sql, String.join("\n", plan));
        return least;
    }

    private static List<String> data(int rows) {
        String series = " FROM generate_series(1, " + rows + ") n,"
                + " LATERAL (SELECT timestamptz '2026-03-01T11:00:00Z' - n * interval '1 minute' AS at) times";
        return List.of(
                """
                INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total, unit_price,
                    units_estimated, created_at, updated_at, completed_at)
                SELECT gen_random_uuid(), %s, 'Task ' || md5(n::text),
                       CASE n %% 4 WHEN 0 THEN 'bulk_scraping' ELSE 'simple_scraping' END,
                       CASE WHEN n %% 100 = 0 THEN 'failed' ELSE 'completed' END, 5, repeat('x', 300), 'free', 1, 5, 5, at, at, at
                """.formatted(ACCOUNT) + series,
                """
                INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total, unit_price,
                    units_estimated, created_at, updated_at)
                SELECT gen_random_uuid(), %s, 'Pending ' || n, 'simple_scraping', 'pending', 1 + n %% 10, repeat('x', 300), 'free',
                       1, 5, 5, at, at FROM generate_series(1, 20000) n,
                       LATERAL (SELECT timestamptz '2026-03-01T11:00:00Z' - n * interval '1 minute' AS at) times
                """.formatted(OTHER),
                """
                INSERT INTO job (id, account_id, status, provider, params, query, enriched, plan_id, max_results, credits_reserved,
                    result_count, estimated_at, created_at, updated_at, started_at, completed_at)
                SELECT n, %s, CASE WHEN n %% 100 = 0 THEN 'failed' WHEN n %% 10 = 1 THEN 'queued' ELSE 'completed' END,
                       'google-maps', repeat('x', 100), '{}', false, 'free', 100, 100, n %% 50, at, at, at, at,
                       at + interval '1 minute'
                """.formatted(ACCOUNT) + series,
                """
                INSERT INTO task_log (entry_id, task_id, level, step, message, metadata, created_at)
                SELECT gen_random_uuid(), %s, 'INFO', 'scraping', 'A page', '{}', at""".formatted(ACCOUNT) + series,
                """
                INSERT INTO account (id, email, created_at, updated_at) VALUES (%s, 'a@example.com', now(), now())"""
                        .formatted(ACCOUNT),
                """
                INSERT INTO webhook_endpoint (account_id, registered, url, events, created_at)
                VALUES (%s, false, 'https://example.com/', '{}', now())""".formatted(ACCOUNT),
                """
                INSERT INTO event_delivery (endpoint_id, event_id, event, status, created_at, ended_at)
                SELECT (SELECT min(id) FROM webhook_endpoint), 'evt_' || n, 'task.completed',
                       CASE WHEN n %% 100 = 0 THEN 'failed' ELSE 'delivered' END, at, at""".formatted() + series,
                // Every third row comes out of the order of time, as rows do whose space was another's before.
                """
                INSERT INTO monitor_row (task_id, check_number, position, data, metadata, checked_at)
                SELECT %s, n, 0, '{"price": "1"}', '{}', CASE n %% 3 WHEN 0 THEN timestamptz '2026-03-01T11:00:00Z' ELSE at END"""
                        .formatted(ACCOUNT) + series,
                """
                INSERT INTO monitor_change (id, task_id, check_number, position, url, changes, notified, checked_at)
                SELECT gen_random_uuid(), %s, n, 0, 'https://example.com/', '[]', true, at""".formatted(ACCOUNT) + series,
                """
                INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                SELECT %s, 'compute_units', CASE WHEN n = 1 THEN 'grant' ELSE 'settle' END, 5, 'task:' || n, 'A task', at"""
                        .formatted(ACCOUNT) + series,
                """
                INSERT INTO credit_transfer (account_id, currency, kind, amount, reference, description, created_at)
                SELECT %s, 'compute_units', 'settle', 5, 'task:' || n, 'A task', at""".formatted(OTHER) + series,
                """
                INSERT INTO credit_balance (account_id, currency, bucket, balance) VALUES (%s, 'compute_units', 'available', 0)"""
                        .formatted(ACCOUNT));
    }

    private static List<Question> questions(int rows) {
        String columns = """
                t.id, t.name, t.config, CASE t.status WHEN 'running' THEN
                (SELECT coalesce(sum(l.pages_done), 0) FROM task_lane l WHERE l.task_id = t.id) ELSE t.pages_done END,
                (SELECT u.urls[1:100] FROM task_urls u WHERE u.task_id = t.id AND u.first_position = 0) AS urls""";
        int deep = rows - 20;
        int middle = rows / 2;
        int after = rows - middle - 20;
        List<Question> questions = new ArrayList<>();
        questions.add(new Question(
                "admission, 20,000 pending: who is next",
                """
                SELECT t.id, t.task_type, t.plan_id, t.pages_total, t.config, coalesce(c.number, 1)
                  FROM task t LEFT JOIN task_check c ON c.task_id = t.id
                 WHERE t.account_id = %s AND (t.status = 'pending'
                       OR t.status = 'running' AND c.requested_at IS NOT NULL AND c.begun_at IS NULL)
                 ORDER BY t.priority DESC, coalesce(c.requested_at, t.created_at), t.id LIMIT 20 FOR UPDATE OF t""".formatted(OTHER),
                """
                SELECT t.id, t.task_type, t.plan_id, t.pages_total, t.config, coalesce(c.number, 1)
                  FROM task t LEFT JOIN task_check c ON c.task_id = t.id
                 WHERE t.status IN ('pending', 'running') AND t.id = (
                       SELECT id FROM (
                           (SELECT id, priority, created_at AS since FROM task
                             WHERE account_id = %1$s AND status = 'pending' AND task_type <> 'monitoring'
                             ORDER BY priority DESC, created_at, id LIMIT 1)
                           UNION ALL
                           (SELECT task_id, priority, requested_at FROM task_check
                             WHERE account_id = %1$s AND begun_at IS NULL
                             ORDER BY priority DESC, requested_at, task_id LIMIT 1)) waiting
                        ORDER BY priority DESC, since, id LIMIT 1) FOR NO KEY UPDATE OF t""".formatted(OTHER)));
        questions.add(new Question(
                "admission: how many places are taken",
                """
                SELECT count(*) FROM task t WHERE account_id = %s AND status = 'running'
                   AND (task_type <> 'monitoring' OR EXISTS (
                       SELECT 1 FROM task_check c WHERE c.task_id = t.id AND c.begun_at IS NOT NULL))""".formatted(OTHER),
                """
                SELECT (SELECT count(*) FROM task WHERE account_id = %1$s AND status = 'running' AND task_type <> 'monitoring')
                     + (SELECT count(*) FROM task_check WHERE account_id = %1$s AND begun_at IS NOT NULL)""".formatted(OTHER)));
        questions.add(new Question(
                "tasks: total",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT,
                "SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'task' AND account_id = " + ACCOUNT));
        questions.add(new Question(
                "tasks: total of one status",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT + " AND t.status = 'failed'",
                "SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'task' AND status = 'failed' AND account_id = " + ACCOUNT));
        for (String sort : List.of("created_at", "updated_at", "name", "status")) {
            String keys = sort.equals("status") ? "t.status %1$s, t.created_at %1$s, t.id %1$s" : "t." + sort + " %1$s, t.id %1$s";
            questions.add(tasks("tasks by " + sort + ": first page", columns, sort, "DESC", 0, keys, "DESC", 0));
            questions.add(tasks("tasks by " + sort + ": last page", columns, sort, "DESC", deep, keys, "ASC", 0));
        }
        questions.add(tasks("tasks by created_at: middle page", columns, "created_at", "DESC", middle,
                "t.created_at %1$s, t.id %1$s", "ASC", after));
        questions.add(new Question(
                "tasks: first page of a rare status",
                "SELECT " + columns + " FROM task t WHERE t.account_id = " + ACCOUNT
                        + " AND t.status = ANY('{failed}') ORDER BY t.created_at DESC, t.id LIMIT 20 OFFSET 0",
                "SELECT " + columns + " FROM (SELECT t.id FROM task t WHERE t.account_id = " + ACCOUNT
                        + " AND t.status = 'failed' ORDER BY t.created_at DESC, t.id DESC LIMIT 20 OFFSET 0) page"
                        + " JOIN task t ON t.id = page.id ORDER BY t.created_at DESC, t.id DESC"));
        questions.add(new Question(
                "tasks: total created after a time (one day)",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT
                        + " AND date_trunc('milliseconds', t.created_at) > timestamptz '2026-02-28T11:00:00Z'",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT
                        + " AND t.created_at >= timestamptz '2026-02-28T11:00:00.001Z'"));
        questions.add(new Question(
                "tasks: total by part of a name",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT + " AND position(lower('c0FFe') IN lower(t.name)) > 0",
                "SELECT count(*) FROM task t WHERE t.account_id = " + ACCOUNT + " AND lower(t.name) LIKE lower('%c0FFe%')"));
        questions.add(new Question(
                "jobs: total",
                "SELECT count(*) FROM job WHERE account_id = " + ACCOUNT,
                "SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'job' AND account_id = " + ACCOUNT));
        questions.add(new Question(
                "jobs: middle page",
                "SELECT * FROM job WHERE account_id = " + ACCOUNT + " ORDER BY id DESC LIMIT 20 OFFSET " + middle,
                "SELECT * FROM job WHERE id IN (SELECT id FROM job WHERE account_id = " + ACCOUNT
                        + " ORDER BY id ASC LIMIT 20 OFFSET " + after + ") ORDER BY id DESC"));
        questions.add(new Question(
                "jobs: last page",
                "SELECT * FROM job WHERE account_id = " + ACCOUNT + " ORDER BY id DESC LIMIT 20 OFFSET " + deep,
                "SELECT * FROM job WHERE id IN (SELECT id FROM job WHERE account_id = " + ACCOUNT
                        + " ORDER BY id ASC LIMIT 20 OFFSET 0) ORDER BY id DESC"));
        questions.add(new Question(
                "jobs: first page of a rare status",
                "SELECT * FROM job WHERE account_id = " + ACCOUNT + " AND status = ANY('{cancelled}') ORDER BY id DESC LIMIT 20",
                "SELECT * FROM job WHERE id IN (SELECT id FROM job WHERE account_id = " + ACCOUNT
                        + " AND status = 'cancelled' ORDER BY id DESC LIMIT 20) ORDER BY id DESC"));
        questions.add(new Question(
                "job estimate: what stands before (100,000 open)",
                """
                SELECT coalesce(sum(max_results - result_count), 0) FROM job
                 WHERE provider = 'google-maps' AND status IN ('queued', 'running')""",
                """
                SELECT coalesce(sum(max_results - result_count), 0)
                  FROM (SELECT max_results, result_count FROM job
                         WHERE provider = 'google-maps' AND status IN ('queued', 'running') ORDER BY id LIMIT 1000) open"""));
        String log = "SELECT entry_id, level, step, message, metadata, created_at FROM task_log WHERE ";
        questions.add(new Question(
                "task log: middle page",
                log + "task_id = " + ACCOUNT + " ORDER BY id LIMIT 50 OFFSET " + middle,
                log + "id IN (SELECT id FROM task_log WHERE task_id = " + ACCOUNT + " ORDER BY id DESC LIMIT 50 OFFSET "
                        + (rows - middle - 50) + ") ORDER BY id"));
        questions.add(new Question(
                "task log: last page",
                log + "task_id = " + ACCOUNT + " ORDER BY id LIMIT 50 OFFSET " + (rows - 50),
                log + "id IN (SELECT id FROM task_log WHERE task_id = " + ACCOUNT + " ORDER BY id DESC LIMIT 50 OFFSET 0) ORDER BY id"));
        questions.add(both("task log: total", "SELECT count(*) FROM task_log WHERE task_id = " + ACCOUNT));
        String deliveries = "SELECT id, event, event_id, status, next_attempt_at, created_at FROM event_delivery WHERE ";
        questions.add(both("deliveries: total", "SELECT count(*) FROM event_delivery WHERE endpoint_id = 1"));
        questions.add(both(
                "deliveries: total of one status", "SELECT count(*) FROM event_delivery WHERE endpoint_id = 1 AND status = 'failed'"));
        questions.add(new Question(
                "deliveries: last page of one status",
                deliveries + "endpoint_id = 1 AND status = 'failed' ORDER BY id DESC LIMIT 20 OFFSET " + (rows / 100 - 20),
                deliveries + "id IN (SELECT id FROM event_delivery WHERE endpoint_id = 1 AND status = 'failed'"
                        + " ORDER BY id ASC LIMIT 20 OFFSET 0) ORDER BY id DESC"));
        questions.add(new Question(
                "deliveries: middle page",
                deliveries + "endpoint_id = 1 ORDER BY id DESC LIMIT 20 OFFSET " + middle,
                deliveries + "id IN (SELECT id FROM event_delivery WHERE endpoint_id = 1 ORDER BY id ASC LIMIT 20 OFFSET " + after
                        + ") ORDER BY id DESC"));
        String changes = "SELECT id, url, checked_at, changes, notified FROM monitor_change WHERE ";
        questions.add(new Question(
                "monitor changes: middle page",
                changes + "task_id = " + ACCOUNT + " ORDER BY check_number DESC, position, notified DESC LIMIT 20 OFFSET " + middle,
                changes + "id IN (SELECT id FROM monitor_change WHERE task_id = " + ACCOUNT
                        + " ORDER BY check_number ASC, position DESC, notified ASC LIMIT 20 OFFSET " + after
                        + ") ORDER BY check_number DESC, position, notified DESC"));
        questions.add(new Question(
                "monitor history: 5,000 old rows to delete",
                "SELECT ctid FROM monitor_row WHERE checked_at < timestamptz '2024-04-08T00:00:00Z' LIMIT 5000",
                "SELECT ctid FROM monitor_row WHERE checked_at < timestamptz '2024-04-08T00:00:00Z' ORDER BY checked_at LIMIT 5000"));
        questions.add(new Question(
                "monitor history: nothing old left",
                "SELECT ctid FROM monitor_row WHERE checked_at < timestamptz '2020-01-01T00:00:00Z' LIMIT 5000",
                "SELECT ctid FROM monitor_row WHERE checked_at < timestamptz '2020-01-01T00:00:00Z' ORDER BY checked_at LIMIT 5000"));
        questions.add(new Question(
                "ledger: history of 50",
                """
                SELECT c.shown - row_number() OVER (ORDER BY t.id DESC) + 1, t.*
                  FROM (SELECT id, kind, amount, reference, description, created_at FROM credit_transfer
                         WHERE account_id = %1$s AND currency = 'compute_units' AND kind NOT IN ('reserve', 'release')
                         ORDER BY id DESC LIMIT 50) t,
                       (SELECT count(*) AS shown FROM credit_transfer
                         WHERE account_id = %1$s AND currency = 'compute_units' AND kind NOT IN ('reserve', 'release')) c
                 ORDER BY t.id DESC""".formatted(ACCOUNT),
                """
                SELECT coalesce((SELECT shown FROM credit_balance
                                  WHERE account_id = %1$s AND currency = 'compute_units' AND bucket = 'available'), 0)
                       - row_number() OVER (ORDER BY t.id DESC) + 1, t.*
                  FROM (SELECT id, kind, amount, reference, description, created_at FROM credit_transfer WHERE id IN (
                            SELECT id FROM credit_transfer
                             WHERE account_id = %1$s AND currency = 'compute_units' AND kind NOT IN ('reserve', 'release')
                             ORDER BY id DESC LIMIT 50)) t
                 ORDER BY t.id DESC""".formatted(ACCOUNT)));
        questions.add(both("ledger: when something last came", """
                SELECT created_at FROM credit_transfer
                 WHERE account_id = %s AND currency = 'compute_units' AND kind IN ('grant', 'refill', 'purchase')
                 ORDER BY id DESC LIMIT 1""".formatted(ACCOUNT)));
        // Another account's million lies before this one's.
        questions.add(new Question(
                "ledger: a batch of the export (1,000 before, 200 after)",
                """
                SELECT id, currency, kind, amount, reference, description, created_at FROM credit_transfer
                 WHERE account_id = %s AND id > 0 ORDER BY id LIMIT 1000""".formatted(OTHER),
                """
                SELECT id, currency, kind, amount, reference, description, created_at FROM credit_transfer WHERE id IN (
                    SELECT id FROM credit_transfer WHERE account_id = %s AND id > 0 ORDER BY id LIMIT 200)
                 ORDER BY id""".formatted(OTHER)));
        questions.add(new Question(
                "metrics: all tasks",
                "SELECT count(*) FROM task",
                "SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'task'"));
        questions.add(both("analytics: tasks of 31 days by type", """
                SELECT task_type, count(*), count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed')
                  FROM task WHERE account_id = %s AND created_at >= timestamptz '2026-01-29T00:00:00Z'
                   AND created_at < timestamptz '2026-03-01T00:00:00Z' GROUP BY task_type ORDER BY 2 DESC, 1""".formatted(ACCOUNT)));
        return questions;
    }

    private static Question both(String name, String sql) {
        return new Question(name, sql, sql);
    }

    private static Question tasks(
            String name, String columns, String sort, String direction, int offset, String keys, String read, int skipped) {
        return new Question(
                name,
                "SELECT " + columns + " FROM task t WHERE t.account_id = " + ACCOUNT + " ORDER BY t." + sort + " " + direction
                        + ", t.id LIMIT 20 OFFSET " + offset,
                "SELECT " + columns + " FROM (SELECT t.id FROM task t WHERE t.account_id = " + ACCOUNT + " ORDER BY "
                        + keys.formatted(read) + " LIMIT 20 OFFSET " + skipped + ") page JOIN task t ON t.id = page.id ORDER BY "
                        + keys.formatted(direction));
    }
}
