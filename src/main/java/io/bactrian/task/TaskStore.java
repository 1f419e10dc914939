package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.Window;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Tasks and their URLs in the database. */
@Component
class TaskStore {
    private static final Logger LOG = LoggerFactory.getLogger(TaskStore.class);

    /** URLs of one row of {@code task_urls}. */
    static final int CHUNK = 500;

    /** URLs that a task shows in a list of tasks. */
    private static final int LISTED_URLS = 100;

    /** While a task runs, and while a cancelled one has steps under way, its lanes have its counts. */
    private static final String COLUMNS = """
            t.id, t.account_id, t.name, t.description, t.task_type, t.status, t.priority, t.config,
            t.pages_total - CASE WHEN t.status IN ('running', 'cancelled') THEN
                (SELECT coalesce(sum(l.pages_absent), 0) FROM task_lane l WHERE l.task_id = t.id)
            ELSE 0 END AS pages_total,
            CASE WHEN t.status IN ('running', 'cancelled') THEN
                coalesce((SELECT sum(l.pages_done) FROM task_lane l WHERE l.task_id = t.id), t.pages_done)
            ELSE t.pages_done END AS pages_done,
            t.units_estimated,
            t.units_consumed + CASE t.status WHEN 'cancelled' THEN t.unit_price *
                (SELECT coalesce(sum(l.pages_had), 0) FROM task_lane l WHERE l.task_id = t.id)
            ELSE 0 END AS units_consumed,
            t.error_message, t.created_at, t.updated_at, t.started_at, t.completed_at
            """;

    private final JdbcClient database;
    private final JdbcTemplate template;
    private final TaskSecrets secrets;
    private final ObjectMapper json;

    TaskStore(JdbcClient database, JdbcTemplate template, TaskSecrets secrets, ObjectMapper json) {
        this.database = database;
        this.template = template;
        this.secrets = secrets;
        this.json = json;
    }

    /** @param secrets what the masks in its config stand for */
    void insert(Task task, ObjectNode secrets, String planId, int unitPrice) {
        database.sql("""
                        INSERT INTO task (id, account_id, name, description, task_type, status, priority, config, plan_id,
                            pages_total, unit_price, units_estimated, created_at, updated_at, secrets, urls_given)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        task.id(),
                        task.accountId(),
                        task.name(),
                        task.description(),
                        task.type().code(),
                        task.status().code(),
                        task.priority(),
                        write(task.config()),
                        planId,
                        task.pagesTotal(),
                        unitPrice,
                        task.unitsEstimated(),
                        Timestamp.from(task.createdAt()),
                        Timestamp.from(task.updatedAt()),
                        this.secrets.encrypted(task.id(), secrets),
                        task.urls().size())
                .update();
        insertUrls(task.id(), task.urls());
    }

    /** Gives a task other URLs, before any of its lanes has looked at them. */
    void replaceUrls(UUID id, List<String> urls) {
        database.sql("DELETE FROM task_urls WHERE task_id = ?").param(id).update();
        insertUrls(id, urls);
    }

    private void insertUrls(UUID id, List<String> urls) {
        List<Object[]> chunks = new ArrayList<>();
        for (int first = 0; first < urls.size(); first += CHUNK) {
            List<String> chunk = urls.subList(first, Math.min(first + CHUNK, urls.size()));
            chunks.add(new Object[] {id, first, chunk.toArray(String[]::new)});
        }
        template.batchUpdate("INSERT INTO task_urls (task_id, first_position, urls) VALUES (?, ?, ?)", chunks);
    }

    /** @throws NotFoundException when there is none, or it is another account's */
    Task require(UUID accountId, UUID id) {
        return database.sql("SELECT " + COLUMNS + ", NULL AS urls FROM task t WHERE t.id = ? AND t.account_id = ?")
                .params(id, accountId)
                .query(this::task)
                .optional()
                .map(task -> task.withUrls(urls(id)))
                .orElseThrow(() -> new NotFoundException("Task"));
    }

    /** Locks the task's row until the transaction ends, and gives it without its URLs. */
    Optional<Task> lock(UUID id) {
        return database.sql("SELECT 1 FROM task WHERE id = ? FOR NO KEY UPDATE")
                        .param(id)
                        .query()
                        .listOfRows()
                        .isEmpty()
                ? Optional.empty()
                : find(id);
    }

    /** A task without its URLs. */
    Optional<Task> find(UUID id) {
        return database.sql("SELECT " + COLUMNS + ", NULL AS urls FROM task t WHERE t.id = ?")
                .param(id)
                .query(this::task)
                .optional();
    }

    /** @throws NotFoundException when there is none, or it is another account's */
    Task lock(UUID accountId, UUID id) {
        return lock(id).filter(task -> task.accountId().equals(accountId))
                .orElseThrow(() -> new NotFoundException("Task"));
    }

    /** Deletes an ended task and all that belongs to it. */
    void delete(UUID id) {
        for (String table : List.of("task_row", "task_screenshot", "task_log", "task_urls")) {
            database.sql("DELETE FROM " + table + " WHERE task_id = ?")
                    .param(id)
                    .update();
        }
        database.sql("DELETE FROM task WHERE id = ?").param(id).update();
    }

    List<String> urls(UUID id) {
        List<String> urls = new ArrayList<>();
        database.sql("SELECT urls FROM task_urls WHERE task_id = ? ORDER BY first_position")
                .param(id)
                .query(row -> {
                    urls.addAll(strings(row.getArray(1)));
                });
        return urls;
    }

    /** The URLs at positions from {@code first} up to but not including {@code end}. */
    List<String> urls(UUID id, int first, int end) {
        List<String> urls = new ArrayList<>(end - first);
        database.sql("""
                        SELECT urls[greatest(? - first_position, 0) + 1 : ? - first_position] FROM task_urls
                         WHERE task_id = ? AND first_position > ? - ? AND first_position < ? ORDER BY first_position""").params(first, end, id, first, CHUNK, end).query(row -> {
            urls.addAll(strings(row.getArray(1)));
        });
        return urls;
    }

    TaskPage list(UUID accountId, TaskFilter filter) {
        long total = count(accountId, filter);
        Window window = Window.of(total, filter.page(), filter.pageSize());
        List<Object> parameters = new ArrayList<>(List.of(LISTED_URLS));
        String ids = ids(accountId, filter, window, parameters);
        String direction = filter.ascending() ? "ASC" : "DESC";
        List<Task> tasks = database.sql("SELECT " + COLUMNS
                        + ", (SELECT u.urls[1:?] FROM task_urls u WHERE u.task_id = t.id AND u.first_position = 0) AS urls"
                        + " FROM (" + ids + ") page JOIN task t ON t.id = page.id ORDER BY "
                        + order(filter.sort(), direction))
                .params(parameters)
                .query(this::task)
                .list();
        return new TaskPage(tasks, total);
    }

    private long count(UUID accountId, TaskFilter filter) {
        List<Object> parameters = new ArrayList<>();
        return database.sql(count(accountId, filter, parameters))
                .params(parameters)
                .query(Long.class)
                .single();
    }

    /** The query that counts what a filter lets through: out of the tally where that knows it. */
    static String count(UUID accountId, TaskFilter filter, List<Object> parameters) {
        boolean tallied =
                filter.createdAfter() == null && filter.createdBefore() == null && filter.nameContains() == null;
        if (!tallied) {
            return "SELECT count(*) FROM task t WHERE " + where(accountId, filter, parameters);
        }
        StringBuilder tally =
                new StringBuilder("SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'task' AND account_id = ?");
        parameters.add(accountId);
        if (!filter.statuses().isEmpty()) {
            tally.append(" AND status = ANY(?)");
            parameters.add(filter.statuses().stream().map(TaskStatus::code).toArray(String[]::new));
        }
        if (!filter.types().isEmpty()) {
            tally.append(" AND kind = ANY(?)");
            parameters.add(filter.types().stream().map(TaskType::code).toArray(String[]::new));
        }
        return tally.toString();
    }

    /**
     * The query for the ids of a page. What is skipped on the way is read out of an index alone; the tasks themselves are read
     * for the page only.
     */
    static String ids(UUID accountId, TaskFilter filter, Window window, List<Object> parameters) {
        String query = "SELECT t.id FROM task t WHERE " + where(accountId, filter, parameters) + " ORDER BY "
                + order(filter.sort(), window.direction(filter.ascending())) + " LIMIT ? OFFSET ?";
        parameters.add(window.limit());
        parameters.add(window.offset());
        return query;
    }

    /** Ties follow the direction, so that one index answers both. */
    private static String order(TaskFilter.Sort sort, String direction) {
        return sort.columns().stream().map(column -> column + " " + direction).collect(Collectors.joining(", "));
    }

    private static String where(UUID accountId, TaskFilter filter, List<Object> parameters) {
        StringBuilder where = new StringBuilder("t.account_id = ?");
        parameters.add(accountId);
        if (filter.statuses().size() == 1) {
            where.append(" AND t.status = ?");
            parameters.add(filter.statuses().getFirst().code());
        } else if (!filter.statuses().isEmpty()) {
            where.append(" AND t.status = ANY(?)");
            parameters.add(filter.statuses().stream().map(TaskStatus::code).toArray(String[]::new));
        }
        if (!filter.types().isEmpty()) {
            where.append(" AND t.task_type = ANY(?)");
            parameters.add(filter.types().stream().map(TaskType::code).toArray(String[]::new));
        }
        if (filter.createdAfter() != null) {
            // Clients see milliseconds, and the time that they read of a task does not lie before it.
            where.append(" AND t.created_at >= ?");
            parameters.add(Timestamp.from(
                    filter.createdAfter().truncatedTo(ChronoUnit.MILLIS).plusMillis(1)));
        }
        if (filter.createdBefore() != null) {
            where.append(" AND t.created_at < ?");
            parameters.add(Timestamp.from(filter.createdBefore()));
        }
        if (filter.nameContains() != null) {
            where.append(" AND lower(t.name) LIKE lower(?)");
            parameters.add("%" + filter.nameContains().replaceAll("[\\\\%_]", "\\\\$0") + "%");
        }
        return where.toString();
    }

    private Task task(ResultSet row, int number) throws SQLException {
        Array urls = row.getArray("urls");
        return new Task(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("name"),
                row.getString("description"),
                TaskType.of(row.getString("task_type")),
                TaskStatus.of(row.getString("status")),
                row.getInt("priority"),
                shownConfig(row.getString("config")),
                urls == null ? List.of() : strings(urls),
                row.getInt("pages_total"),
                row.getInt("pages_done"),
                row.getLong("units_estimated"),
                row.getLong("units_consumed"),
                row.getString("error_message"),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("updated_at").toInstant(),
                instant(row.getTimestamp("started_at")),
                instant(row.getTimestamp("completed_at")));
    }

    /**
     * The config of a task with its headers and cookies, as its pages are fetched.
     *
     * @throws IllegalStateException when it cannot be read
     */
    ObjectNode config(UUID id) {
        return database.sql("SELECT config, secrets FROM task WHERE id = ?")
                .param(id)
                .query((row, number) -> {
                    ObjectNode config = readConfig(row.getString(1));
                    secrets.restore(id, config, row.getBytes(2));
                    return config;
                })
                .single();
    }

    private ObjectNode readConfig(String text) {
        try {
            if (json.readTree(text) instanceof ObjectNode config) {
                return config;
            }
            throw new IllegalStateException("A stored task has a config that is no JSON object.");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored task has an unreadable config.", e);
        }
    }

    /** The config with masks for its secrets, or an empty one where it cannot be read: the task can be listed, ended and deleted all the same. */
    private ObjectNode shownConfig(String text) {
        try {
            ObjectNode config = readConfig(text);
            TaskSecrets.take(config);
            return config;
        } catch (IllegalStateException e) {
            LOG.debug("A task is shown without its config", e);
            return json.createObjectNode();
        }
    }

    private String write(ObjectNode node) {
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A config that was read as JSON cannot be written as JSON.", e);
        }
    }

    private static List<String> strings(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
