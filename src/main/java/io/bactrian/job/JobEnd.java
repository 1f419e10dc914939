package io.bactrian.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The end of a job: the settlement of its credits, and the news of it.
 *
 * <p>All in one transaction, under a lock of the job, so that a cancellation and a last lane cannot both end it.
 */
@Service
public class JobEnd {
    private final JobStore store;
    private final Ledger ledger;
    private final Outbox outbox;
    private final Events events;
    private final ObjectProvider<JobEnded> listeners;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    JobEnd(
            JobStore store,
            Ledger ledger,
            Outbox outbox,
            Events events,
            ObjectProvider<JobEnded> listeners,
            JdbcClient database,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.ledger = ledger;
        this.outbox = outbox;
        this.events = events;
        this.listeners = listeners;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** Asks for the end of a job whose lanes have all retired. */
    record Request(long job) {}

    /** What became of the visits to the provider. */
    private record Visits(
            int failed,
            @Nullable String firstError,
            @Nullable String blocked,
            boolean limited) {}

    /**
     * Ends a job whose lanes have all retired: as failed when it found nothing and a visit failed, else as completed, be it
     * without a place.
     *
     * <p>A repeated request, or one for a job that has ended, changes nothing.
     */
    @Transactional
    public void end(String request) throws JsonProcessingException {
        long number = json.readValue(request, Request.class).job();
        Job job = store.lock(number).orElse(null);
        if (job == null || job.status() != JobStatus.RUNNING || openLanes(number) > 0) {
            return;
        }
        Visits visits = database.sql("""
                        SELECT count(v.id), (array_agg(v.error_message ORDER BY v.id))[1], max(j.blocked), bool_or(j.limited)
                          FROM job j LEFT JOIN job_visit v ON v.job_id = j.id AND v.status = 'failed' AND v.kind <> 'contact'
                         WHERE j.id = ?""")
                .param(number)
                .query((row, index) -> new Visits(row.getInt(1), row.getString(2), row.getString(3), row.getBoolean(4)))
                .single();
        if (job.resultCount() == 0 && (visits.failed() > 0 || visits.blocked() != null)) {
            finish(job, JobStatus.FAILED, reason(visits), null);
        } else {
            finish(job, JobStatus.COMPLETED, null, warning(job, visits));
        }
    }

    private static @Nullable String warning(Job job, Visits visits) {
        if (visits.blocked() != null) {
            return visits.blocked();
        }
        return visits.limited() && job.resultCount() < job.maxResults()
                ? "There is more to look at than a search may. Search a smaller area, or with fewer filters."
                : null;
    }

    private static String reason(Visits visits) {
        if (visits.blocked() != null) {
            return visits.blocked();
        }
        return visits.failed() == 1
                ? "The search failed: " + visits.firstError()
                : "No place was found, and %d pages could not be had. The first one: %s"
                        .formatted(visits.failed(), visits.firstError());
    }

    /** Cancels a job that is queued or running and locked by this transaction; the places found are kept and paid for. */
    @Transactional(propagation = Propagation.MANDATORY)
    void cancel(Job job) {
        finish(job, JobStatus.CANCELLED, null, null);
    }

    /** Ends a job, locked by this transaction, whose usual end, or whose start, fails always; the places found are paid for. */
    @Transactional(propagation = Propagation.MANDATORY)
    void abandon(Job job) {
        boolean completed = job.resultCount() > 0;
        String reason = "The service failed at this search again and again, and gave it up. Tell the operator its id.";
        finish(
                job,
                completed ? JobStatus.COMPLETED : JobStatus.FAILED,
                completed ? null : reason,
                completed ? reason : null,
                JobEnded::abandoned);
    }

    private void finish(Job job, JobStatus status, @Nullable String error, @Nullable String warning) {
        finish(job, status, error, warning, JobEnded::ended);
    }

    private void finish(
            Job job,
            JobStatus status,
            @Nullable String error,
            @Nullable String warning,
            BiConsumer<JobEnded, Job> notice) {
        Timestamp now = Timestamp.from(clock.instant());
        long used = status == JobStatus.FAILED ? 0 : Math.min(job.resultCount(), job.creditsReserved());
        database.sql("""
                        UPDATE job SET status = ?, credits_used = ?, error = ?, warning = ?, completed_at = ?, updated_at = ?
                         WHERE id = ?""")
                .params(status.code(), used, error, warning, now, now, job.number())
                .update();
        for (String table : new String[] {"job_lane", "job_visit"}) {
            database.sql("DELETE FROM " + table + " WHERE job_id = ?")
                    .param(job.number())
                    .update();
        }
        events.publish(new Event(
                job.accountId(),
                switch (status) {
                    case COMPLETED -> EventType.JOB_COMPLETED;
                    case FAILED -> EventType.JOB_FAILED;
                    case CANCELLED -> EventType.JOB_CANCELLED;
                    case QUEUED, RUNNING -> throw new IllegalArgumentException("This is no end: " + status);
                },
                job.id(),
                status.code(),
                new EndedJob(job.id(), user(job.accountId()), job.resultCount(), used, job.params(), error),
                null));
        outbox.write(Destination.JOBS_ADMIT, new JobAdmission.Request(job.accountId()), Map.of(), null);
        Job ended = store.find(job.number()).orElseThrow();
        listeners.orderedStream().forEach(listener -> notice.accept(listener, ended));
        // Last, because the account's other work waits for the balance from now on.
        ledger.end(
                job.accountId(),
                Currency.CREDITS,
                used,
                job.creditsReserved() - used,
                Jobs.reference(job.number()),
                "Scrape job " + job.id());
    }

    /** The number by which MapScraper knows an account, or null where it is gone. */
    private @Nullable Long user(UUID account) {
        return database.sql("SELECT number FROM account WHERE id = ?")
                .param(account)
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    int openLanes(long number) {
        return database.sql("SELECT count(*) FROM job_lane WHERE job_id = ? AND NOT retired")
                .param(number)
                .query(Integer.class)
                .single();
    }
}
