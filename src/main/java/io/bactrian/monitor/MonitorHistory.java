package io.bactrian.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.bactrian.Window;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** What the checks of monitoring tasks have left: their rows, and the changes that they have seen. */
@Service
public class MonitorHistory {
    /** Rows that a read takes at most. */
    private static final int MOST = 1_000;

    /** Bytes of data after which a read takes no further row, so that it takes one at least. */
    private static final int ENOUGH_BYTES = 1 << 20;

    /** Rows that one statement forgets at most. */
    private static final int FORGOTTEN_AT_ONCE = 5_000;

    static final String COUNT = "SELECT count(*) FROM monitor_change WHERE task_id = ?";

    private final MonitorStore store;
    private final MonitorProperties properties;
    private final JdbcClient database;
    private final Clock clock;

    MonitorHistory(MonitorStore store, MonitorProperties properties, JdbcClient database, Clock clock) {
        this.store = store;
        this.properties = properties;
        this.database = database;
        this.clock = clock;
    }

    /**
     * What a check had of a URL.
     *
     * @param data JSON object text, or null when the page could not be had
     * @param errorCode as clients read it, or null when the page was had
     * @param metadata JSON object text, or null when the page was never fetched
     * @param checkedAt when the check was over
     */
    public record Row(
            int check,
            int position,
            String url,
            @Nullable String data,
            @Nullable String errorCode,
            @Nullable String errorMessage,
            @Nullable String metadata,
            Instant checkedAt) {}

    /** Takes rows one by one. */
    @FunctionalInterface
    public interface Reader {
        void row(Row row) throws IOException;
    }

    /**
     * What a check has seen to be other than before at one URL, as clients read it.
     *
     * @param changes JSON: {@code [{"selector", "old", "new", "difference"}]}
     * @param notified false where numbers changed by less than the task's threshold, so that nobody was told
     */
    public record Change(
            UUID id,
            String url,
            @JsonProperty("checked_at") Instant checkedAt,
            @JsonRawValue String changes,
            boolean notified) {}

    /** One page of changes, and how many there are in all. */
    public record ChangePage(List<Change> changes, long total) {}

    /**
     * Reads the rows of the checks that are over, oldest check first: one for each check and URL.
     *
     * <p>Rows are read a megabyte at a time, or one where that is larger, and let go one by one; no database connection is held
     * between.
     */
    public void read(UUID task, Reader reader) throws IOException {
        int check = 0;
        int position = 0;
        while (true) {
            Queue<Row> rows = readFrom(task, check, position);
            if (rows.isEmpty()) {
                return;
            }
            for (Row row = rows.poll(); row != null; row = rows.poll()) {
                check = row.check();
                position = row.position() + 1;
                reader.row(row);
            }
        }
    }

    private Queue<Row> readFrom(UUID task, int check, int position) {
        return new ArrayDeque<>(database.sql("""
                        SELECT r.check_number, r.position, u.urls[r.position + 1], r.data, r.error_code, r.error_message,
                               r.metadata, r.checked_at
                          FROM (SELECT *, sum(coalesce(octet_length(data), 0)) OVER (ORDER BY check_number, position)
                                          - coalesce(octet_length(data), 0) AS bytes_before
                                  FROM (SELECT * FROM monitor_row
                                         WHERE task_id = ? AND (check_number, position) >= (?, ?)
                                         ORDER BY check_number, position LIMIT ?) o) r
                          JOIN task_urls u ON u.task_id = r.task_id AND u.first_position = 0
                         WHERE r.bytes_before < ?
                         ORDER BY r.check_number, r.position""")
                .params(task, check, position, MOST, ENOUGH_BYTES)
                .query((row, number) -> new Row(
                        row.getInt(1),
                        row.getInt(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getTimestamp(8).toInstant()))
                .list());
    }

    /**
     * One page of the changes that a task's checks have seen, the newest first.
     *
     * @param page from 1
     */
    public ChangePage changes(UUID task, int page, int pageSize) {
        long total = database.sql(COUNT).param(task).query(Long.class).single();
        Window window = Window.of(total, page, pageSize);
        List<Change> changes = database.sql("""
                        SELECT id, url, checked_at, changes, notified FROM monitor_change WHERE id IN (%s)
                         ORDER BY check_number DESC, position, notified DESC""".formatted(ids(window)))
                .params(task, window.limit(), window.offset())
                .query((row, number) -> new Change(
                        row.getObject(1, UUID.class),
                        row.getString(2),
                        row.getTimestamp(3).toInstant(),
                        row.getString(4),
                        row.getBoolean(5)))
                .list();
        return new ChangePage(changes, total);
    }

    /** The query for the changes of a page, which reads them out of an index alone. */
    static String ids(Window window) {
        String latestFirst = window.direction(false);
        String listed = window.direction(true);
        return "SELECT id FROM monitor_change WHERE task_id = ? ORDER BY check_number %s, position %s, notified %s LIMIT ? OFFSET ?"
                .formatted(latestFirst, listed, latestFirst);
    }

    /**
     * Forgets some of what is older than it is kept.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        Instant before = clock.instant().minus(properties.historyAge());
        boolean more = false;
        for (String table : List.of("monitor_row", "monitor_change")) {
            more |= store.forgetSome(table, before, FORGOTTEN_AT_ONCE) == FORGOTTEN_AT_ONCE;
        }
        return more;
    }
}
