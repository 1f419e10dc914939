package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.OutsideText;
import io.bactrian.Window;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** What happened to a task, step by step, for the person who owns it. */
@Service
public class TaskLog {
    private static final TypeReference<Map<String, Object>> METADATA = new TypeReference<>() {};

    /** A sentence of a site, and what happened to whose page around it. */
    private static final int LONGEST = OutsideText.LINE + 500;

    static final String COUNT = "SELECT count(*) FROM task_log WHERE task_id = ?";

    private final JdbcClient database;
    private final JdbcTemplate template;
    private final ObjectMapper json;
    private final Clock clock;

    TaskLog(JdbcClient database, JdbcTemplate template, ObjectMapper json, Clock clock) {
        this.database = database;
        this.template = template;
        this.json = json;
        this.clock = clock;
    }

    /** How much an entry matters. */
    public enum Level {
        DEBUG,
        INFO,
        WARNING,
        ERROR
    }

    /**
     * One entry.
     *
     * @param step which part of the flow it comes from, such as {@code initialization} or {@code scraping}
     */
    public record Entry(UUID id, Level level, String step, String message, Map<String, Object> metadata, Instant at) {
        public Entry {
            message = OutsideText.clean(message, LONGEST);
            Map<String, Object> clean = new LinkedHashMap<>();
            metadata.forEach((name, value) ->
                    clean.put(name, value instanceof String text ? OutsideText.clean(text, LONGEST) : value));
            metadata = Collections.unmodifiableMap(clean);
        }
    }

    /** One page of a log, oldest first. */
    public record Page(List<Entry> entries, long total) {}

    Entry entry(Level level, String step, String message, Map<String, Object> metadata) {
        return new Entry(UUID.randomUUID(), level, step, message, metadata, clock.instant());
    }

    void write(UUID taskId, Level level, String step, String message, Map<String, Object> metadata) {
        write(taskId, List.of(entry(level, step, message, metadata)));
    }

    void write(UUID taskId, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        List<Object[]> rows = new ArrayList<>();
        for (Entry entry : entries) {
            rows.add(new Object[] {
                entry.id(),
                taskId,
                entry.level().name(),
                entry.step(),
                entry.message(),
                text(entry.metadata()),
                Timestamp.from(entry.at())
            });
        }
        template.batchUpdate("""
                INSERT INTO task_log (entry_id, task_id, level, step, message, metadata, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)""", rows);
    }

    /**
     * Reads one page of a task's log.
     *
     * @param page from 1
     */
    public Page read(UUID taskId, int page, int pageSize) {
        long total = database.sql(COUNT).param(taskId).query(Long.class).single();
        Window window = Window.of(total, page, pageSize);
        List<Entry> entries = database.sql("""
                        SELECT entry_id, level, step, message, metadata, created_at FROM task_log
                         WHERE id IN (%s) ORDER BY id""".formatted(ids(window)))
                .params(taskId, window.limit(), window.offset())
                .query((row, number) -> {
                    Map<String, Object> metadata = new LinkedHashMap<>();
                    metadata.put("step", row.getString("step"));
                    metadata.putAll(parse(row.getString("metadata")));
                    return new Entry(
                            row.getObject("entry_id", UUID.class),
                            Level.valueOf(row.getString("level")),
                            row.getString("step"),
                            row.getString("message"),
                            metadata,
                            row.getTimestamp("created_at").toInstant());
                })
                .list();
        return new Page(entries, total);
    }

    /** The query for the entries of a page, which reads them out of an index alone. */
    static String ids(Window window) {
        return "SELECT id FROM task_log WHERE task_id = ? ORDER BY id %s LIMIT ? OFFSET ?"
                .formatted(window.direction(true));
    }

    private Map<String, Object> parse(String text) {
        try {
            return json.readValue(text, METADATA);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored log entry has unreadable metadata.", e);
        }
    }

    private String text(Map<String, Object> metadata) {
        try {
            return json.writeValueAsString(metadata);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The metadata of a log entry must be serialisable as JSON.", e);
        }
    }
}
