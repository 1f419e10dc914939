package io.bactrian.job;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import io.bactrian.recovery.StartAttempt;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The end of jobs at which the service itself fails again and again: their lanes retire, the places found are paid for, and the
 * account's place is free.
 *
 * <p>Nothing here reads what may be broken: neither the job's query and parameters, nor its visits and places.
 */
@Service
class JobAbandonment {
    private static final Logger LOG = LoggerFactory.getLogger(JobAbandonment.class);

    private static final String VISIT_FAILED = "The service failed at this page again and again, and gave it up.";
    private static final String PART_FAILED =
            "The service failed at a part of this search again and again, and gave it up.";

    /** Lanes that have failed after their last reissue; {@code l} is {@code job_lane}. */
    private static final String HOPELESS_LANE = """
            NOT l.retired AND l.due_at < :lost AND l.due_at + work_wait(:seconds, l.reissues) < :now
             AND l.reissues >= :most AND work_failed('job:' || l.job_id || ':lane:' || l.lane, l.due_at)""";

    private final JobStore store;
    private final JobWorkList work;
    private final JobEnd end;
    private final Outbox outbox;
    private final Recovery recovery;
    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final TransactionTemplate savepoints;
    private final Clock clock;

    JobAbandonment(
            JobStore store,
            JobWorkList work,
            JobEnd end,
            Outbox outbox,
            Recovery recovery,
            JdbcClient database,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.store = store;
        this.work = work;
        this.end = end;
        this.outbox = outbox;
        this.recovery = recovery;
        this.database = database;
        this.transactions = new TransactionTemplate(transactions);
        this.savepoints = new TransactionTemplate(transactions);
        this.savepoints.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.clock = clock;
    }

    private record Lane(long job, int lane) {
        String work() {
            return "job:" + job + ":lane:" + lane;
        }
    }

    /** Retires the lanes that have failed after their last reissue; the last one of a job asks for the end. */
    void abandonLanes() {
        List<Lane> hopeless = recovery.statement("SELECT l.job_id, l.lane FROM job_lane l WHERE " + HOPELESS_LANE
                        + " ORDER BY l.due_at LIMIT :few")
                .query((row, number) -> new Lane(row.getLong(1), row.getInt(2)))
                .list();
        Recovery.forEach(hopeless, "abandon lane", lane -> {
            boolean abandoned = Boolean.TRUE.equals(transactions.execute(status -> retire(lane)));
            if (abandoned) {
                recovery.abandoned("job-lane", lane.work(), "Its visit counts as failed.");
            }
        });
    }

    private boolean retire(Lane lane) {
        boolean open = isOpen(lane.job());
        List<Long> visits = recovery.statement("""
                        UPDATE job_lane l SET retired = true, sequence = l.sequence + 1, reissues = 0, visit_id = NULL
                          FROM (SELECT visit_id FROM job_lane WHERE job_id = :job AND lane = :lane FOR UPDATE) AS held
                         WHERE l.job_id = :job AND l.lane = :lane AND
                        """ + HOPELESS_LANE + " RETURNING coalesce(held.visit_id, 0)")
                .param("job", lane.job())
                .param("lane", lane.lane())
                .query(Long.class)
                .list();
        if (visits.isEmpty()) {
            return false;
        }
        visits.stream().filter(visit -> visit > 0).forEach(visit -> work.failed(visit, VISIT_FAILED));
        database.sql("UPDATE job SET blocked = coalesce(blocked, ?) WHERE id = ?")
                .params(PART_FAILED, lane.job())
                .update();
        if (open && end.openLanes(lane.job()) == 0) {
            outbox.write(Destination.JOBS_END, new JobEnd.Request(lane.job()), Map.of(), null);
        }
        return true;
    }

    /** Locks a job, and says whether it has not ended. */
    private boolean isOpen(long job) {
        return database.sql("SELECT status FROM job WHERE id = ? FOR NO KEY UPDATE")
                .param(job)
                .query(String.class)
                .optional()
                .map(status -> !JobStatus.of(status).ended())
                .orElse(false);
    }

    /** Ends jobs whose end has failed after the last time that it was asked for. */
    void abandonJobs() {
        List<Long> hopeless = recovery.statement("""
                        SELECT id FROM job
                         WHERE status = 'running' AND asked_at < :lost AND asked_at + work_wait(:seconds, reissues) < :now
                           AND reissues >= :most AND work_failed('job:' || id, asked_at)
                         ORDER BY asked_at LIMIT :few""").query(Long.class).list();
        Recovery.forEach(hopeless, "abandon job", this::abandon);
    }

    private void abandon(long number) {
        boolean ended;
        try {
            ended = Boolean.TRUE.equals(transactions.execute(status -> endWithWhatIsThere(number)));
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            LOG.error(
                    "Job {} cannot be settled, and ends without: its credits stay reserved, and no event goes out."
                            + " Run ./bactrian ledger check, and correct what it says",
                    number,
                    e);
            transactions.executeWithoutResult(status -> endBarely(number));
            ended = true;
        }
        if (ended) {
            recovery.abandoned("job", "job:" + number, "It has ended with the places that it has.");
        }
    }

    private boolean endWithWhatIsThere(long number) {
        if (!isOpen(number)) {
            return false;
        }
        end.abandon(store.find(number).orElseThrow());
        return true;
    }

    /** The last resort, when even the settlement cannot be done: frees the place, and leaves the rest to the operator. */
    private void endBarely(long number) {
        isOpen(number);
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("UPDATE job SET status = 'failed', error = ?, completed_at = ?, updated_at = ? WHERE id = ?")
                .params("The service failed to end this search. Tell the operator its id.", now, now, number)
                .update();
        for (String table : List.of("job_lane", "job_visit")) {
            database.sql("DELETE FROM " + table + " WHERE job_id = ?")
                    .param(number)
                    .update();
        }
        database.sql("SELECT account_id FROM job WHERE id = ?")
                .param(number)
                .query(UUID.class)
                .optional()
                .ifPresent(account ->
                        outbox.write(Destination.JOBS_ADMIT, new JobAdmission.Request(account), Map.of(), null));
    }

    /**
     * Starts a job, and fails it where it can never start; the account's other jobs go on either way.
     *
     * @param start what starts the job, which this transaction has locked
     */
    StartAttempt startOrFail(long number, Runnable start) {
        try {
            savepoints.executeWithoutResult(status -> start.run());
            return StartAttempt.STARTED;
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            return fail(number, e);
        }
    }

    private StartAttempt fail(long number, RuntimeException failure) {
        try {
            savepoints.executeWithoutResult(
                    status -> end.abandon(store.find(number).orElseThrow()));
            recovery.abandoned("job", "job:" + number, "It could not be started, and has failed.", failure);
            return StartAttempt.FAILED;
        } catch (RuntimeException e) {
            if (!Recovery.isTheWorks(e)) {
                throw e;
            }
            e.addSuppressed(failure);
            LOG.error("Job {} can neither be started nor failed, and is passed over", number, e);
            return StartAttempt.PASSED_OVER;
        }
    }
}
