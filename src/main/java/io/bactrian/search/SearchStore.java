package io.bactrian.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Saved searches in the database. */
@Component
class SearchStore {
    private static final Logger LOG = LoggerFactory.getLogger(SearchStore.class);

    private static final String COLUMNS = """
            id, account_id, name, params, schedule, timezone, test, is_active, only_new, notify_webhook, notify_owner,
            notify_email, next_run_at, last_run_at, created_at""";

    private final JdbcClient database;
    private final ObjectMapper json;

    SearchStore(JdbcClient database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    long insert(
            UUID accountId, SearchDefinition definition, boolean test, @Nullable Instant nextRunAt, Instant createdAt) {
        return database.sql("""
                        INSERT INTO saved_search (account_id, name, params, schedule, timezone, test, is_active, only_new,
                            notify_webhook, notify_owner, notify_email, next_run_at, created_at)
                        VALUES (:account, :name, :params, :schedule, :timezone, :test, :active, :onlyNew, :webhook, :owner,
                            :email, :next, :created)
                        RETURNING id""")
                .param("account", accountId)
                .param("test", test)
                .param("created", Timestamp.from(createdAt))
                .param("name", definition.name())
                .param("params", definition.params().toString())
                .param("schedule", definition.schedule())
                .param("timezone", definition.timezone())
                .param("active", definition.active())
                .param("onlyNew", definition.onlyNew())
                .param("webhook", definition.notifyWebhook())
                .param("owner", definition.notifyOwner())
                .param("email", definition.notifyEmail(), Types.VARCHAR)
                .param("next", timestamp(nextRunAt), Types.TIMESTAMP)
                .query(Long.class)
                .single();
    }

    void update(long id, SearchDefinition definition, @Nullable Instant nextRunAt) {
        database.sql("""
                        UPDATE saved_search SET name = :name, params = :params, schedule = :schedule, timezone = :timezone,
                            is_active = :active, only_new = :onlyNew, notify_webhook = :webhook, notify_owner = :owner,
                            notify_email = :email, next_run_at = :next
                         WHERE id = :id""")
                .param("id", id)
                .param("name", definition.name())
                .param("params", definition.params().toString())
                .param("schedule", definition.schedule())
                .param("timezone", definition.timezone())
                .param("active", definition.active())
                .param("onlyNew", definition.onlyNew())
                .param("webhook", definition.notifyWebhook())
                .param("owner", definition.notifyOwner())
                .param("email", definition.notifyEmail(), Types.VARCHAR)
                .param("next", timestamp(nextRunAt), Types.TIMESTAMP)
                .update();
    }

    /** The search, with its run that is to find or has found places, for whoever carries the run out. */
    Optional<SavedSearch> find(long id) {
        return database.sql("SELECT " + COLUMNS + " FROM saved_search WHERE id = ?")
                .param(id)
                .query(this::search)
                .optional();
    }

    Optional<SavedSearch> find(UUID accountId, long id) {
        return database.sql("SELECT " + COLUMNS + " FROM saved_search WHERE id = ? AND account_id = ?")
                .params(id, accountId)
                .query(this::search)
                .optional();
    }

    /** Locks the search's row until the transaction ends. Whoever locks a search and its runs locks the search first. */
    Optional<SavedSearch> lock(UUID accountId, long id) {
        return database.sql(
                        "SELECT " + COLUMNS + " FROM saved_search WHERE id = ? AND account_id = ? FOR NO KEY UPDATE")
                .params(id, accountId)
                .query(this::search)
                .optional();
    }

    /** As {@link #lock}, the search that a job was made for. */
    Optional<SavedSearch> lockOfJob(long job) {
        return database.sql("SELECT " + COLUMNS + " FROM saved_search " + """
                        WHERE id = (SELECT search_id FROM saved_search_run WHERE job_id = ?)
                          FOR NO KEY UPDATE""")
                .param(job)
                .query(this::search)
                .optional();
    }

    /** Locks some of the searches that are due and that nobody else has locked, the longest due first. */
    List<SavedSearch> lockDue(Instant now, int limit) {
        return database.sql("SELECT " + COLUMNS + " FROM saved_search " + """
                        WHERE next_run_at <= ? ORDER BY next_run_at, id LIMIT ?
                          FOR NO KEY UPDATE SKIP LOCKED""")
                .params(Timestamp.from(now), limit)
                .query(this::search)
                .list();
    }

    /** Notes that a search has been claimed for a time, and when it is due again, if ever. */
    void claimed(long id, Instant scheduledFor, @Nullable Instant nextRunAt) {
        database.sql("""
                        UPDATE saved_search SET last_run_at = :last, next_run_at = :next, is_active = :active
                         WHERE id = :id""")
                .param("id", id)
                .param("last", Timestamp.from(scheduledFor))
                .param("next", timestamp(nextRunAt), Types.TIMESTAMP)
                .param("active", nextRunAt != null)
                .update();
    }

    List<SavedSearch> list(UUID accountId) {
        return database.sql("SELECT " + COLUMNS + " FROM saved_search WHERE account_id = ? ORDER BY id")
                .param(accountId)
                .query(this::search)
                .list();
    }

    private SavedSearch search(ResultSet row, int number) throws SQLException {
        return new SavedSearch(
                row.getLong("id"),
                row.getObject("account_id", UUID.class),
                new SearchDefinition(
                        row.getString("name"),
                        params(row.getString("params")),
                        row.getString("schedule"),
                        row.getString("timezone"),
                        row.getBoolean("is_active"),
                        row.getBoolean("only_new"),
                        row.getBoolean("notify_webhook"),
                        row.getBoolean("notify_owner"),
                        row.getString("notify_email")),
                row.getBoolean("test"),
                instant(row.getTimestamp("next_run_at")),
                instant(row.getTimestamp("last_run_at")),
                row.getTimestamp("created_at").toInstant());
    }

    /** The parameters, or none where they cannot be read: the search can be listed and deleted, and its runs fail. */
    private ObjectNode params(String text) {
        try {
            return json.readTree(text) instanceof ObjectNode params ? params : json.createObjectNode();
        } catch (JsonProcessingException e) {
            LOG.debug("A saved search is shown without its parameters", e);
            return json.createObjectNode();
        }
    }

    static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
