package io.bactrian.webhook;

import io.bactrian.Window;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads deliveries with their attempts, the newest first, out of one of the tables that have them. */
final class DeliveryLists {
    private final JdbcClient database;
    private final String deliveries;
    private final String attempts;

    /**
     * Lists of one kind of deliveries.
     *
     * @param deliveries the name of their table
     * @param attempts the name of the table of their attempts
     */
    DeliveryLists(JdbcClient database, String deliveries, String attempts) {
        this.database = database;
        this.deliveries = deliveries;
        this.attempts = attempts;
    }

    /**
     * One page of those that meet a condition.
     *
     * @param condition in SQL, with named parameters
     * @param page from 1
     */
    DeliveryPage page(String condition, Map<String, ?> parameters, int page, int limit) {
        long total = database.sql(count(condition))
                .params(parameters)
                .query(Long.class)
                .single();
        return new DeliveryPage(some(condition, parameters, Window.of(total, page, limit)), page, limit, total);
    }

    /**
     * Some of those that meet a condition, the newest first.
     *
     * @param condition in SQL, with named parameters
     */
    List<Delivery> some(String condition, Map<String, ?> parameters, Window window) {
        Map<String, Object> all = new HashMap<>(parameters);
        all.put("limit", window.limit());
        all.put("offset", window.offset());
        Map<Long, Delivery> found = new LinkedHashMap<>();
        database.sql("SELECT id, event, event_id, status, next_attempt_at, created_at FROM " + deliveries
                        + " WHERE id IN (" + ids(condition, window) + ") ORDER BY id DESC")
                .params(all)
                .query((row, number) -> delivery(row))
                .list()
                .forEach(delivery -> found.put(delivery.id(), delivery));
        if (found.isEmpty()) {
            return List.of();
        }
        Map<Long, List<DeliveryAttempt>> made = attempts(List.copyOf(found.keySet()));
        return found.values().stream()
                .map(delivery -> delivery.with(made.getOrDefault(delivery.id(), List.of())))
                .toList();
    }

    String count(String condition) {
        return "SELECT count(*) FROM " + deliveries + " WHERE " + condition;
    }

    /** The query for the deliveries of a page, which reads them out of an index alone where that has what the condition names. */
    String ids(String condition, Window window) {
        return "SELECT id FROM " + deliveries + " WHERE " + condition + " ORDER BY id " + window.direction(false)
                + " LIMIT :limit OFFSET :offset";
    }

    private Map<Long, List<DeliveryAttempt>> attempts(List<Long> of) {
        Map<Long, List<DeliveryAttempt>> made = new LinkedHashMap<>();
        database.sql("SELECT delivery_id, begun_at, status_code, duration_ms, error, response_body FROM " + attempts
                        + " WHERE delivery_id IN (:deliveries) ORDER BY delivery_id, number")
                .param("deliveries", of)
                .query(row -> {
                    made.computeIfAbsent(row.getLong("delivery_id"), id -> new ArrayList<>())
                            .add(new DeliveryAttempt(
                                    row.getTimestamp("begun_at").toInstant(),
                                    row.getObject("status_code", Integer.class),
                                    row.getLong("duration_ms"),
                                    row.getString("error"),
                                    row.getString("response_body")));
                });
        return made;
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        Timestamp next = row.getTimestamp("next_attempt_at");
        return new Delivery(
                row.getLong("id"),
                row.getString("event"),
                row.getString("event_id"),
                DeliveryStatus.of(row.getString("status")),
                List.of(),
                next == null ? null : next.toInstant(),
                row.getTimestamp("created_at").toInstant());
    }
}
