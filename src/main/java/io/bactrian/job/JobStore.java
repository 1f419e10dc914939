package io.bactrian.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.Window;
import io.bactrian.places.PlaceQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Jobs in the database. */
@Component
class JobStore {
    private static final Logger LOG = LoggerFactory.getLogger(JobStore.class);

    private static final String COLUMNS = """
            id, account_id, status, provider, params, max_results, result_count, credits_reserved, credits_used, error,
            warning, estimated_at, created_at, started_at, completed_at""";

    private final JdbcClient database;
    private final ObjectMapper json;

    JobStore(JdbcClient database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /** A number that no job has. */
    long nextNumber() {
        return database.sql("SELECT nextval('job_number')").query(Long.class).single();
    }

    void insert(Job job, PlaceQuery query, boolean enriched, String planId) {
        database.sql("""
                        INSERT INTO job (id, account_id, status, provider, params, query, enriched, plan_id, max_results,
                            credits_reserved, estimated_at, created_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        job.number(),
                        job.accountId(),
                        job.status().code(),
                        job.provider(),
                        write(job.params()),
                        write(query),
                        enriched,
                        planId,
                        job.maxResults(),
                        job.creditsReserved(),
                        Timestamp.from(job.estimatedAt()),
                        Timestamp.from(job.createdAt()),
                        Timestamp.from(job.createdAt()))
                .update();
    }

    Optional<Job> find(long number) {
        return database.sql("SELECT " + COLUMNS + " FROM job WHERE id = ?")
                .param(number)
                .query(this::job)
                .optional();
    }

    /** Locks the job's row until the transaction ends. Whoever locks a job and its lanes locks the job first. */
    Optional<Job> lock(long number) {
        return database.sql("SELECT " + COLUMNS + " FROM job WHERE id = ? FOR NO KEY UPDATE")
                .param(number)
                .query(this::job)
                .optional();
    }

    /**
     * The account's own job.
     *
     * @throws NotFoundException when there is none
     * @throws JobAccessDeniedException when it is another account's
     */
    static Job own(Optional<Job> found, UUID accountId) {
        Job job = found.orElseThrow(() -> new NotFoundException("Job"));
        if (!job.accountId().equals(accountId)) {
            throw new JobAccessDeniedException();
        }
        return job;
    }

    JobPage list(UUID accountId, List<JobStatus> statuses, int page, int limit) {
        List<Object> counted = new ArrayList<>();
        long total = database.sql(count(accountId, statuses, counted))
                .params(counted)
                .query(Long.class)
                .single();
        List<Object> parameters = new ArrayList<>();
        String ids = ids(accountId, statuses, Window.of(total, page, limit), parameters);
        List<Job> jobs = database.sql("SELECT " + COLUMNS + " FROM job WHERE id IN (" + ids + ") ORDER BY id DESC")
                .params(parameters)
                .query(this::job)
                .list();
        return new JobPage(jobs, total);
    }

    static String count(UUID accountId, List<JobStatus> statuses, List<Object> parameters) {
        parameters.add(accountId);
        String query = "SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'job' AND account_id = ?";
        if (statuses.isEmpty()) {
            return query;
        }
        parameters.add(statuses.stream().map(JobStatus::code).toArray(String[]::new));
        return query + " AND status = ANY(?)";
    }

    /** The query for the numbers of a page, which reads them out of an index alone. */
    static String ids(UUID accountId, List<JobStatus> statuses, Window window, List<Object> parameters) {
        String query = "SELECT id FROM job WHERE account_id = ?";
        parameters.add(accountId);
        if (statuses.size() == 1) {
            query += " AND status = ?";
            parameters.add(statuses.getFirst().code());
        } else if (!statuses.isEmpty()) {
            query += " AND status = ANY(?)";
            parameters.add(statuses.stream().map(JobStatus::code).toArray(String[]::new));
        }
        parameters.add(window.limit());
        parameters.add(window.offset());
        return query + " ORDER BY id " + window.direction(false) + " LIMIT ? OFFSET ?";
    }

    /** How a job's provider is asked. */
    PlaceQuery query(long number) {
        return database.sql("SELECT query FROM job WHERE id = ?")
                .param(number)
                .query((row, index) -> read(row.getString(1), PlaceQuery.class))
                .single();
    }

    boolean enriched(long number) {
        return database.sql("SELECT enriched FROM job WHERE id = ?")
                .param(number)
                .query(Boolean.class)
                .single();
    }

    /** Deletes an ended job and all that belongs to it. */
    void delete(long number) {
        for (String table : List.of("job_place", "job_visit", "job_lane")) {
            database.sql("DELETE FROM " + table + " WHERE job_id = ?")
                    .param(number)
                    .update();
        }
        database.sql("DELETE FROM job WHERE id = ?").param(number).update();
    }

    private Job job(ResultSet row, int index) throws SQLException {
        return new Job(
                row.getLong("id"),
                row.getObject("account_id", UUID.class),
                JobStatus.of(row.getString("status")),
                row.getString("provider"),
                shownParams(row.getString("params")),
                row.getInt("max_results"),
                row.getInt("result_count"),
                row.getLong("credits_reserved"),
                row.getLong("credits_used"),
                row.getString("error"),
                row.getString("warning"),
                row.getTimestamp("estimated_at").toInstant(),
                row.getTimestamp("created_at").toInstant(),
                instant(row.getTimestamp("started_at")),
                instant(row.getTimestamp("completed_at")));
    }

    /** The parameters, or none where they cannot be read: the job can be listed, ended and deleted all the same. */
    private ObjectNode shownParams(String text) {
        try {
            return json.readTree(text) instanceof ObjectNode params ? params : json.createObjectNode();
        } catch (JsonProcessingException e) {
            LOG.debug("A job is shown without its parameters", e);
            return json.createObjectNode();
        }
    }

    <T> T read(String text, Class<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored job has an unreadable " + type.getSimpleName() + ".", e);
        }
    }

    String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A part of a job cannot be written as JSON.", e);
        }
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
