package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.task.TaskEnd.Counts;
import java.time.Clock;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The rows of pages that the service has abandoned: each says that the service failed, and costs nothing.
 *
 * <p>They are found by the rows that are there, not by what lanes have counted, which may be what is broken.
 */
@Component
class MissingRows {
    private static final String MESSAGE = "The service failed at this page again and again, and gave it up.";

    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    MissingRows(JdbcClient database, ObjectMapper json, Clock clock) {
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** Whether a lane of the task was abandoned with pages that are not done. */
    boolean expected(UUID task) {
        return database.sql("SELECT EXISTS (SELECT 1 FROM task_lane WHERE task_id = ? AND abandoned)")
                .param(task)
                .query(Boolean.class)
                .single();
    }

    /** Gives each URL of a locked task that has no row one, and counts the task's rows. */
    Counts add(Task task) {
        database.sql("""
                        INSERT INTO task_row (task_id, position, error_code, error_message, metadata)
                        SELECT u.task_id, (u.first_position + n) * :pages, :code, :message, :metadata
                          FROM task_urls u CROSS JOIN LATERAL generate_series(0, cardinality(u.urls) - 1) n
                         WHERE u.task_id = :task
                        ON CONFLICT (task_id, position) DO NOTHING""")
                .param("task", task.id())
                .param("pages", task.pagesOfUrl())
                .param("code", ErrorCode.INTERNAL_ERROR.code())
                .param("message", MESSAGE)
                .param("metadata", metadata())
                .update();
        return database.sql("""
                        SELECT count(*), count(r.data), t.pages_total - count(*)
                          FROM task t JOIN task_row r ON r.task_id = t.id WHERE t.id = ? GROUP BY t.id""")
                .param(task.id())
                .query((row, number) -> new Counts(row.getInt(1), row.getInt(2), row.getInt(3)))
                .optional()
                .orElse(new Counts(0, 0, 0));
    }

    private String metadata() {
        try {
            return json.writeValueAsString(new PageMetadata(null, null, null, clock.instant(), 0, 0));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The metadata of a page cannot be written as JSON.", e);
        }
    }
}
