package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The end of a task: its final counts, the settlement of its compute units, and the news of it.
 *
 * <p>All in one transaction, under a lock of the task, so that a cancellation and a last lane cannot both end it.
 *
 * <p>A cancelled task has its status at once, and its end when the steps under way have stored their pages: until then it has
 * a cursor and lanes, as a running one has.
 */
@Service
public class TaskEnd {
    /** A token that is due this much later has not been delivered to anybody, however far the clocks of nodes differ. */
    private static final Duration FAR_OFF = Duration.ofSeconds(5);

    private final TaskStore store;
    private final MissingRows missing;
    private final TaskLog log;
    private final Ledger ledger;
    private final Outbox outbox;
    private final Events events;
    private final ObjectProvider<MonitoringTasks> monitoring;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    TaskEnd(
            TaskStore store,
            MissingRows missing,
            TaskLog log,
            Ledger ledger,
            Outbox outbox,
            Events events,
            ObjectProvider<MonitoringTasks> monitoring,
            JdbcClient database,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.missing = missing;
        this.log = log;
        this.ledger = ledger;
        this.outbox = outbox;
        this.events = events;
        this.monitoring = monitoring;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** Asks for the end of a task whose lanes have all retired. */
    record Request(UUID task) {}

    /**
     * Ends a task whose lanes have all retired: as completed when at least one page was fetched, else as failed, or as
     * cancelled if it was.
     *
     * <p>A repeated request, or one for a task that has ended, changes nothing.
     */
    @Transactional
    public void end(String request) throws JsonProcessingException {
        UUID id = json.readValue(request, Request.class).task();
        Task task = store.lock(id).orElse(null);
        if (task == null || openLanes(id) > 0) {
            return;
        }
        if (task.status() != TaskStatus.RUNNING) {
            endCancelled(task);
            return;
        }
        boolean abandoned = missing.expected(id);
        Counts counts = closeLanes(id);
        if (abandoned) {
            counts = missing.add(task);
        } else if (counts.done() != task.pagesTotal()) {
            throw new IllegalStateException("Task %s has retired all its lanes with %d of %d pages done."
                    .formatted(id, counts.done(), task.pagesTotal()));
        }
        boolean completed = counts.had() > 0;
        finish(
                task,
                completed ? TaskStatus.COMPLETED : TaskStatus.FAILED,
                counts,
                completed ? null : reasonOfFailure(id, counts),
                () -> {});
    }

    /**
     * Cancels a task that is pending or running and locked by this transaction; the pages done are kept and paid for.
     *
     * <p>The task ends now if no step of it can be under way, else with the last lane that stores what its step has.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void cancel(Task task) {
        Instant now = clock.instant();
        database.sql("UPDATE task_lane SET retired = true WHERE task_id = ? AND NOT retired AND due_at > ?")
                .params(task.id(), Timestamp.from(now.plus(FAR_OFF)))
                .update();
        if (openLanes(task.id()) == 0) {
            finish(task, TaskStatus.CANCELLED, closeLanes(task.id()), null, () -> {});
            return;
        }
        database.sql("UPDATE task SET status = ?, completed_at = ?, updated_at = ? WHERE id = ?")
                .params(TaskStatus.CANCELLED.code(), Timestamp.from(now), Timestamp.from(now), task.id())
                .update();
        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(task.accountId()), Map.of(), null);
    }

    /**
     * Ends a cancelled task that is locked by this transaction, if it has not ended; steps that are still under way store
     * nothing afterwards.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void endCancelled(Task task) {
        boolean open = task.status() == TaskStatus.CANCELLED
                && !database.sql("SELECT 1 FROM task_cursor WHERE task_id = ?")
                        .param(task.id())
                        .query()
                        .listOfRows()
                        .isEmpty();
        if (open) {
            finish(task, TaskStatus.CANCELLED, closeLanes(task.id()), null, () -> {});
        }
    }

    /** Whether a token that is due then cannot be under way, so that nobody need wait for it. */
    static boolean isFarOff(Instant due, Instant now) {
        return due.isAfter(now.plus(FAR_OFF));
    }

    /** Fails a task that is running, locked by this transaction, and has no pages at all. */
    @Transactional(propagation = Propagation.MANDATORY)
    void fail(Task task, String errorMessage) {
        finish(task, TaskStatus.FAILED, closeLanes(task.id()), errorMessage, () -> {});
    }

    /**
     * @param absent pages that next links might have led to, and have not
     */
    record Counts(int done, int had, int absent) {}

    private record Settled(long consumed, int pages, long allConsumed) {}

    /** Units that a task, or its check, holds. */
    record Reservation(String reference, long units) {}

    void finish(Task task, TaskStatus status, Counts counts, @Nullable String errorMessage, Runnable further) {
        UUID id = task.id();
        Timestamp now = Timestamp.from(clock.instant());
        Integer cancelledCheck =
                task.type() == TaskType.MONITORING && status == TaskStatus.CANCELLED ? begunCheck(id) : null;
        // Then the counts of the last check are the task's.
        boolean betweenChecks = task.type() == TaskType.MONITORING && counts.done() == 0;
        Settled settled = database.sql("""
                        UPDATE task SET status = ?, pages_done = coalesce(?, pages_done), pages_had = coalesce(?, pages_had),
                            units_consumed = units_consumed + unit_price * ?::bigint,
                            pages_total = pages_total - ?, error_message = ?, completed_at = coalesce(completed_at, ?),
                            updated_at = ?
                         WHERE id = ? RETURNING unit_price * ?::bigint, pages_total, units_consumed""")
                .params(
                        status.code(),
                        betweenChecks ? null : counts.done(),
                        betweenChecks ? null : counts.had(),
                        counts.had(),
                        counts.absent(),
                        errorMessage,
                        now,
                        now,
                        id,
                        counts.had())
                .query((row, number) -> new Settled(row.getLong(1), row.getInt(2), row.getLong(3)))
                .single();
        long consumed = settled.consumed();
        Reservation reservation = takeReservation(task);
        database.sql("DELETE FROM task_cursor WHERE task_id = ?").param(id).update();
        log.write(
                id,
                status == TaskStatus.FAILED ? Level.ERROR : Level.INFO,
                "end",
                "Task %s: %d of %d pages had, %d failed, %d compute units consumed"
                        .formatted(
                                status.code(), counts.had(), settled.pages(), counts.done() - counts.had(), consumed),
                Map.of("pages_had", counts.had(), "pages_failed", counts.done() - counts.had()));
        events.publish(new Event(
                task.accountId(),
                switch (status) {
                    case COMPLETED -> EventType.TASK_COMPLETED;
                    case FAILED -> EventType.TASK_FAILED;
                    case CANCELLED -> EventType.TASK_CANCELLED;
                    case PENDING, RUNNING -> throw new IllegalArgumentException("This is no end: " + status);
                },
                id.toString(),
                status.code(),
                new EndedTask(
                        id,
                        task.accountId(),
                        task.name(),
                        task.type().code(),
                        status.code(),
                        "/tasks/" + id + "/download",
                        settled.allConsumed(),
                        counts.done(),
                        counts.done() - counts.had()),
                task.config().hasNonNull("webhook_url")
                        ? task.config().get("webhook_url").asText()
                        : null));
        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(task.accountId()), Map.of(), null);
        if (cancelledCheck != null) {
            monitoring.getObject().checkCancelled(task, cancelledCheck);
        }
        further.run();
        settle(task, reservation, consumed);
    }

    /** What the task has reserved; a monitoring task's check ends with it. */
    Reservation takeReservation(Task task) {
        return task.type() == TaskType.MONITORING
                ? takeCheck(task.id())
                : new Reservation(Tasks.reference(task.id()), task.unitsEstimated());
    }

    /**
     * Counts units as used, and gives back the others of those that were reserved. Last in the transaction, because the account's
     * other work waits for the balance from then on.
     */
    void settle(Task task, Reservation reservation, long consumed) {
        ledger.end(
                task.accountId(),
                Currency.COMPUTE_UNITS,
                consumed,
                reservation.units() - consumed,
                reservation.reference(),
                "Task " + task.id());
    }

    /** The number of the check of a task that has begun, or null where there is none. */
    @Nullable
    Integer begunCheck(UUID task) {
        return database.sql("SELECT number FROM task_check WHERE task_id = ? AND begun_at IS NOT NULL")
                .param(task)
                .query(Integer.class)
                .optional()
                .orElse(null);
    }

    /** Ends the check of a monitoring task; what it had reserved, or nothing where there is none. */
    private Reservation takeCheck(UUID id) {
        return database.sql("DELETE FROM task_check WHERE task_id = ? RETURNING number, units")
                .param(id)
                .query((row, number) -> new Reservation(TaskChecks.reference(id, row.getInt(1)), row.getLong(2)))
                .optional()
                .orElse(new Reservation(Tasks.reference(id), 0));
    }

    int openLanes(UUID id) {
        return database.sql("SELECT count(*) FROM task_lane WHERE task_id = ? AND NOT retired")
                .param(id)
                .query(Integer.class)
                .single();
    }

    /** Removes the lanes and says what they have done: a step that is being stored is either counted or not kept. */
    Counts closeLanes(UUID id) {
        return database.sql("""
                        WITH closed AS (DELETE FROM task_lane WHERE task_id = ? RETURNING pages_done, pages_had, pages_absent)
                        SELECT coalesce(sum(pages_done), 0), coalesce(sum(pages_had), 0), coalesce(sum(pages_absent), 0)
                          FROM closed""")
                .param(id)
                .query((row, number) -> new Counts(row.getInt(1), row.getInt(2), row.getInt(3)))
                .single();
    }

    private String reasonOfFailure(UUID id, Counts counts) {
        List<String> codes = new ArrayList<>();
        database.sql("""
                        SELECT error_code, count(*) FROM task_row WHERE task_id = ? AND error_code IS NOT NULL
                         GROUP BY 1 ORDER BY 2 DESC, 1""").param(id).query(row -> {
            codes.add(row.getInt(2) + " × " + row.getString(1));
        });
        String first = database.sql(
                        "SELECT error_message FROM task_row WHERE task_id = ? AND error_code IS NOT NULL ORDER BY position LIMIT 1")
                .param(id)
                .query(String.class)
                .single();
        return counts.done() == 1
                ? "The page could not be had: %s".formatted(first)
                : "None of the %d pages could be had: %s. The first one: %s"
                        .formatted(counts.done(), String.join(", ", codes), first);
    }
}
