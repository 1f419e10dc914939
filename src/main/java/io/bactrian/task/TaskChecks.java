package io.bactrian.task;

import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.task.TaskEnd.Counts;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The checks of monitoring tasks: each is a run of the task's pages, with units, lanes and rows of its own.
 *
 * <p>A task has one check at most. While it waits and while it is under way it holds the units of its pages; once it has begun,
 * it holds one of the account's places too. Everything happens under the task's lock, and checks are numbered, so a message
 * that is delivered again finds its check gone.
 */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class TaskChecks {
    private final TaskStore store;
    private final TaskEnd end;
    private final MissingRows missing;
    private final TaskLog log;
    private final Ledger ledger;
    private final Outbox outbox;
    private final JdbcClient database;
    private final Clock clock;

    TaskChecks(
            TaskStore store,
            TaskEnd end,
            MissingRows missing,
            TaskLog log,
            Ledger ledger,
            Outbox outbox,
            JdbcClient database,
            Clock clock) {
        this.store = store;
        this.end = end;
        this.missing = missing;
        this.log = log;
        this.ledger = ledger;
        this.outbox = outbox;
        this.database = database;
        this.clock = clock;
    }

    /** Says that a check has had all its pages. */
    public record Done(UUID task, int number) {}

    /**
     * A check that has ended, and whose units are still reserved.
     *
     * @param task locked, and as it was before
     */
    public record Ended(Task task, TaskEnd.Reservation reservation, long consumed) {}

    /** Locks a task until the transaction ends, and gives it without its URLs. */
    public Optional<Task> lock(UUID task) {
        return store.lock(task);
    }

    /** A task without its URLs. */
    @Transactional(propagation = Propagation.SUPPORTS, readOnly = true)
    public Optional<Task> find(UUID task) {
        return store.find(task);
    }

    /** The task's URLs, in the client's order. */
    public List<String> urls(UUID task) {
        return store.urls(task);
    }

    /** Whether the account has the units of a check of the task. */
    public boolean affordable(Task task) {
        return ledger.balance(task.accountId(), Currency.COMPUTE_UNITS).available() >= task.unitsEstimated();
    }

    /**
     * Asks for a check of a locked task that has none: it begins when its account has a free place.
     *
     * @param number later than that of every earlier check
     * @throws io.bactrian.credit.InsufficientCreditsException when its pages may cost more than the account has
     */
    public void request(Task task, int number) {
        database.sql("""
                        INSERT INTO task_check (task_id, account_id, priority, number, units, requested_at)
                        VALUES (?, ?, ?, ?, ?, ?)""")
                .params(
                        task.id(),
                        task.accountId(),
                        task.priority(),
                        number,
                        task.unitsEstimated(),
                        Timestamp.from(clock.instant()))
                .update();
        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(task.accountId()), Map.of(), null);
        ledger.reserve(
                task.accountId(),
                Currency.COMPUTE_UNITS,
                task.unitsEstimated(),
                reference(task.id(), number),
                "Check %d of task %s".formatted(number, task.id()));
    }

    /** Gives the check of a locked task, where it has one, the priority that the task has now. */
    void prioritize(UUID task, int priority) {
        database.sql("UPDATE task_check SET priority = ? WHERE task_id = ?")
                .params(priority, task)
                .update();
    }

    /** Whether a task has a check, be it waiting or under way. */
    public boolean isUnderWay(UUID task) {
        return !database.sql("SELECT 1 FROM task_check WHERE task_id = ?")
                .param(task)
                .query()
                .listOfRows()
                .isEmpty();
    }

    /**
     * Ends a check whose lanes have all retired, so that its place is free. The rows stay the task's, and the units are reserved
     * until {@link #settle}, which the caller owes to the same transaction. With the check of a cancelled task, the task ends.
     *
     * @return empty where there is no such check any more
     */
    public Optional<Ended> end(Done done) {
        Task task = store.lock(done.task()).orElse(null);
        Integer number = end.begunCheck(done.task());
        if (task == null || number == null || number != done.number() || end.openLanes(task.id()) > 0) {
            return Optional.empty();
        }
        if (task.status().ended()) {
            end.endCancelled(task);
            return Optional.empty();
        }
        boolean abandoned = missing.expected(task.id());
        Counts counts = end.closeLanes(task.id());
        if (abandoned) {
            counts = missing.add(task);
        } else if (counts.done() != task.pagesTotal()) {
            throw new IllegalStateException("Check %d of task %s has retired all its lanes with %d of %d pages done."
                    .formatted(number, task.id(), counts.done(), task.pagesTotal()));
        }
        return Optional.of(finish(task, number, counts));
    }

    /** Ends a check of a locked task that has those rows, and frees its place; the caller owes {@link #settle}. */
    Ended finish(Task task, int number, Counts counts) {
        long consumed = database.sql("""
                        UPDATE task SET asked_at = NULL, reissues = 0, pages_done = ?, pages_had = ?, units_consumed = units_consumed + unit_price * ?::bigint,
                            updated_at = ?
                         WHERE id = ? RETURNING unit_price * ?::bigint""")
                .params(
                        counts.done(),
                        counts.had(),
                        counts.had(),
                        Timestamp.from(clock.instant()),
                        task.id(),
                        counts.had())
                .query(Long.class)
                .single();
        TaskEnd.Reservation reservation = end.takeReservation(task);
        database.sql("DELETE FROM task_cursor WHERE task_id = ?")
                .param(task.id())
                .update();
        log.write(
                task.id(),
                Level.INFO,
                "check",
                "Check %d: %d of %d pages had, %d failed, %d compute units consumed"
                        .formatted(number, counts.had(), counts.done(), counts.done() - counts.had(), consumed),
                Map.of("check", number, "pages_had", counts.had(), "pages_failed", counts.done() - counts.had()));
        outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(task.accountId()), Map.of(), null);
        return new Ended(task, reservation, consumed);
    }

    /** Settles the units of a check that has ended, as the last thing of its transaction. */
    public void settle(Ended ended) {
        end.settle(ended.task(), ended.reservation(), ended.consumed());
    }

    /** Writes into the task's log, for the person who owns it. */
    public void note(UUID task, Level level, String message, Map<String, Object> metadata) {
        log.write(task, level, "check", message, metadata);
    }

    static String reference(UUID task, int number) {
        return Tasks.reference(task) + ":check:" + number;
    }
}
