package io.bactrian.task;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The result rows of a task, read in the order of its URLs. */
@Service
public class TaskRows {
    /** Rows that a read takes at most. */
    private static final int MOST = 1_000;

    /** Bytes of data after which a read takes no further row, so that it takes one at least. */
    private static final int ENOUGH_BYTES = 1 << 20;

    /** Lengths are known without the data's being read. */
    private static final String ENOUGH = """
            SELECT * FROM (%s) AS o (position, url, data, error_code, error_message, metadata, missing, bytes_before)
             WHERE bytes_before < :bytes ORDER BY position""";

    private static final String NUMBERED_URLS = """
            (SELECT c.first_position + o.number - 1 AS position, o.url
               FROM task_urls c, unnest(c.urls) WITH ORDINALITY AS o(url, number)
              WHERE c.task_id = :task AND c.first_position > :first - :chunk AND c.first_position < :end) u
            """;

    private static final String URLS = ENOUGH.formatted("""
            SELECT u.position, u.url, r.data, r.error_code, r.error_message, r.metadata, r.position IS NULL,
                   sum(coalesce(octet_length(r.data), 0)) OVER (ORDER BY u.position) - coalesce(octet_length(r.data), 0)
              FROM %s LEFT JOIN task_row r ON r.task_id = :task AND r.position = u.position
             WHERE u.position >= :first AND u.position < :end""".formatted(NUMBERED_URLS));

    private static final String URLS_WITH_NEXT_PAGES = ENOUGH.formatted("""
            SELECT coalesce(r.position, u.position * :pages), coalesce(r.url, u.url), r.data, r.error_code,
                   r.error_message, r.metadata, r.position IS NULL,
                   sum(coalesce(octet_length(r.data), 0)) OVER (ORDER BY coalesce(r.position, u.position * :pages))
                       - coalesce(octet_length(r.data), 0)
              FROM %s LEFT JOIN task_row r
                ON r.task_id = :task AND r.position >= u.position * :pages AND r.position < (u.position + 1) * :pages
             WHERE u.position >= :first AND u.position < :end
               AND coalesce(r.position, u.position * :pages) >= :position
             ORDER BY 1 LIMIT :limit""".formatted(NUMBERED_URLS));

    private final JdbcClient database;

    TaskRows(JdbcClient database) {
        this.database = database;
    }

    /**
     * What came of one page.
     *
     * @param position its place among the rows, from 0
     * @param data JSON object text, or null when the page could not be had
     * @param errorCode as clients read it, or null when the page was had
     * @param metadata JSON object text, or null when the page was never fetched
     */
    public record Row(
            int position,
            String url,
            @Nullable String data,
            @Nullable String errorCode,
            @Nullable String errorMessage,
            @Nullable String metadata) {
        Row numbered(int number) {
            return new Row(number, url, data, errorCode, errorMessage, metadata);
        }
    }

    /** Takes rows one by one. */
    @FunctionalInterface
    public interface Reader {
        void row(Row row) throws IOException;
    }

    /**
     * Reads all rows of a task that has ended: one for each URL, those without a result as {@code cancelled}, and after each
     * one for each next page that was followed.
     *
     * <p>Rows are read a megabyte at a time, or one where that is larger, and let go one by one; no database connection is held
     * between. So a slow reader costs little, and a result of any size fits in little memory.
     *
     * @param pagesOfUrl how many pages each URL has at most
     * @throws IllegalStateException when the task is deleted meanwhile
     */
    public void read(UUID taskId, int pagesOfUrl, Reader reader) throws IOException {
        int number = 0;
        int position = 0;
        while (true) {
            Queue<Row> rows = readFrom(taskId, position, pagesOfUrl);
            if (rows.isEmpty()) {
                requireTask(taskId);
                return;
            }
            for (Row row = rows.poll(); row != null; row = rows.poll()) {
                position = row.position() + 1;
                reader.row(row.numbered(number++));
            }
        }
    }

    /** Whoever deletes a task deletes its rows with it, all at once. */
    private void requireTask(UUID taskId) {
        if (database.sql("SELECT 1 FROM task WHERE id = ?")
                .param(taskId)
                .query()
                .listOfRows()
                .isEmpty()) {
            throw new IllegalStateException("Task %s was deleted while its rows were read.".formatted(taskId));
        }
    }

    private Queue<Row> readFrom(UUID taskId, int position, int pagesOfUrl) {
        int first = position / pagesOfUrl;
        // The rows of the first URL may all have been read, so one more URL is looked at than rows are wanted.
        int end = first + MOST + (pagesOfUrl > 1 ? 1 : 0);
        Queue<Row> rows = new ArrayDeque<>();
        database.sql(pagesOfUrl > 1 ? URLS_WITH_NEXT_PAGES : URLS)
                .param("task", taskId)
                .param("position", position)
                .param("first", first)
                .param("end", end)
                .param("pages", pagesOfUrl)
                .param("limit", MOST)
                .param("bytes", ENOUGH_BYTES)
                .param("chunk", TaskStore.CHUNK)
                .query(row -> {
                    boolean missing = row.getBoolean(7);
                    rows.add(new Row(
                            row.getInt(1),
                            row.getString(2),
                            row.getString(3),
                            missing ? "cancelled" : row.getString(4),
                            missing ? "The task was cancelled before this page was fetched." : row.getString(5),
                            row.getString(6)));
                });
        return rows;
    }
}
