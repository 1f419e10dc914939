package io.bactrian.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.Plans;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.places.PlacesProvider;
import io.bactrian.recovery.Recovery;
import io.bactrian.task.AdmissionTurns;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Starts queued jobs: as many at once for each account as its plan allows, the oldest first. */
@Service
public class JobAdmission {
    static final String RUNNING = "SELECT count(*) FROM job WHERE account_id = ? AND status = 'running'";

    /** The oldest that waits and was not passed over, with the account's present plan. */
    static final String NEXT = """
            SELECT j.id, j.provider, coalesce(a.mapscraper_plan, j.plan_id)
              FROM job j LEFT JOIN account a ON a.id = j.account_id
             WHERE j.status = 'queued' AND j.id = (
                   SELECT id FROM job WHERE account_id = ? AND status = 'queued' AND id <> ALL (?)
                     ORDER BY id LIMIT 1)
               FOR NO KEY UPDATE OF j""";

    private final AdmissionTurns turns;
    private final JobStore store;
    private final JobAbandonment abandonment;
    private final Recovery recovery;
    private final TransactionTemplate transactions;
    private final JobVisits visits;
    private final JobWorkList work;
    private final JobProperties settings;
    private final Plans plans;
    private final Outbox outbox;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    JobAdmission(
            AdmissionTurns turns,
            JobStore store,
            JobAbandonment abandonment,
            Recovery recovery,
            TransactionTemplate transactions,
            JobVisits visits,
            JobWorkList work,
            JobProperties settings,
            Plans plans,
            Outbox outbox,
            JdbcClient database,
            ObjectMapper json,
            Clock clock) {
        this.turns = turns;
        this.store = store;
        this.abandonment = abandonment;
        this.recovery = recovery;
        this.transactions = transactions;
        this.visits = visits;
        this.work = work;
        this.settings = settings;
        this.plans = plans;
        this.outbox = outbox;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** Asks for the admission of an account's queued jobs. */
    record Request(UUID account) {}

    private record Queued(long number, String provider, String planId) {}

    private record Lost(JobToken token, boolean contacts, String provider) {}

    /**
     * Starts the queued jobs that an account may start now.
     *
     * @param request JSON that names the account
     */
    public void admit(String request) throws JsonProcessingException {
        Request admission = json.readValue(request, Request.class);
        turns.take(Destination.JOBS_ADMIT, admission.account(), admission, () -> admit(admission.account()));
    }

    private void admit(UUID account) {
        int running = database.sql(RUNNING).param(account).query(Integer.class).single();
        List<Long> passed = new ArrayList<>();
        for (Queued job = next(account, passed);
                job != null && running < plans.mapscraper(job.planId()).concurrentJobs();
                job = next(account, passed)) {
            // One that can never start fails alone, and takes no place; one that cannot even fail keeps none from
            // others.
            Queued next = job;
            switch (abandonment.startOrFail(job.number(), () -> start(next))) {
                case STARTED -> running++;
                case PASSED_OVER -> passed.add(job.number());
                // The balance is locked until the commit, and whoever cancels the next job locks that one first. The
                // end of this one has asked for another admission.
                case FAILED -> {
                    return;
                }
            }
        }
    }

    /**
     * Locks the job that is next to start, or gives null where there is none. One that is cancelled while its lock is waited for
     * counts as none: whoever cancels a job asks for another admission.
     */
    private @Nullable Queued next(UUID account, List<Long> passed) {
        return database.sql(NEXT)
                .params(account, passed.toArray(Long[]::new))
                .query((row, number) -> new Queued(row.getLong(1), row.getString(2), row.getString(3)))
                .optional()
                .orElse(null);
    }

    private void start(Queued job) {
        Instant now = clock.instant();
        database.sql("UPDATE job SET status = 'running', started_at = ?, updated_at = ? WHERE id = ?")
                .params(Timestamp.from(now), Timestamp.from(now), job.number())
                .update();
        PlacesProvider provider = visits.provider(job.provider());
        work.add(job.number(), provider.begin(store.query(job.number())));
        int contacts = store.enriched(job.number()) ? settings.parallelContacts() : 0;
        for (int lane = 0; lane < settings.parallelVisits() + contacts; lane++) {
            // All but the first have nothing to do yet; they are opened when there is more.
            database.sql("""
                            INSERT INTO job_lane (job_id, lane, contacts, sequence, retired, due_at)
                            VALUES (?, ?, ?, 0, ?, ?)""")
                    .params(job.number(), lane, lane >= settings.parallelVisits(), lane > 0, Timestamp.from(now))
                    .update();
        }
        outbox.write(queue(provider, false), new JobToken(job.number(), 0, 0), Map.of(), null);
    }

    /** The queue of a job's lanes. */
    static Destination queue(PlacesProvider provider, boolean contacts) {
        return provider.needsBrowser() && !contacts ? Destination.PLACES_BROWSER : Destination.PLACES_HTML;
    }

    /**
     * Asks again for the admission of accounts with jobs that have been queued for long: an earlier request may be lost. Each
     * account is asked for once in the time after which a message counts as lost, whoever asks.
     */
    @Transactional
    public void readmit() {
        recovery.statement("""
                        INSERT INTO admission_request AS a (account_id, kind, asked_at)
                        SELECT DISTINCT j.account_id, 'jobs', CAST(:now AS timestamptz) FROM job j
                         WHERE j.status = 'queued' AND j.created_at < :lost
                           AND NOT EXISTS (SELECT 1 FROM admission_request r
                                            WHERE r.account_id = j.account_id AND r.kind = 'jobs' AND r.asked_at >= :lost)
                         ORDER BY j.account_id LIMIT :limit
                        ON CONFLICT (account_id, kind) DO UPDATE SET asked_at = excluded.asked_at WHERE a.asked_at < :lost
                        RETURNING account_id""")
                .query(UUID.class)
                .list()
                .forEach(account -> outbox.write(Destination.JOBS_ADMIT, new Request(account), Map.of(), null));
    }

    /**
     * Issues another token to each lane whose token is long overdue, and asks again for the end of each job whose lanes have
     * all retired a while ago. What has failed after its last reissue is abandoned.
     */
    public void reissueLostTokens() {
        abandonment.abandonLanes();
        abandonment.abandonJobs();
        transactions.executeWithoutResult(status -> reissueTokens());
        transactions.executeWithoutResult(status -> askForEnds());
    }

    private void reissueTokens() {
        recovery.statement("""
                        UPDATE job_lane l
                           SET due_at = :now,
                               reissues = l.reissues + work_failed('job:' || l.job_id || ':lane:' || l.lane, l.due_at)::integer
                          FROM job j
                         WHERE j.id = l.job_id AND (l.job_id, l.lane) IN (
                            SELECT job_id, lane FROM job_lane
                             WHERE NOT retired AND due_at < :lost AND due_at + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most OR NOT work_failed('job:' || job_id || ':lane:' || lane, due_at))
                             ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING l.job_id, l.lane, l.sequence, l.contacts, j.provider""")
                .query((row, number) -> new Lost(
                        new JobToken(row.getLong(1), row.getInt(2), row.getLong(3)),
                        row.getBoolean(4),
                        row.getString(5)))
                .list()
                .forEach(lost -> outbox.write(
                        visits.find(lost.provider())
                                .map(provider -> queue(provider, lost.contacts()))
                                // The token fails there, for there is no such provider, and the lane is abandoned in
                                // the end.
                                .orElse(Destination.PLACES_HTML),
                        lost.token(),
                        Map.of(),
                        null));
    }

    private void askForEnds() {
        recovery.statement("""
                        UPDATE job a
                           SET asked_at = :now,
                               reissues = a.reissues + work_failed('job:' || a.id, coalesce(a.asked_at, a.updated_at))::integer
                         WHERE id IN (
                            SELECT id FROM job j
                             WHERE status = 'running' AND updated_at < :lost AND coalesce(asked_at, updated_at) < :lost
                               AND coalesce(asked_at, updated_at) + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most OR NOT work_failed('job:' || id, coalesce(asked_at, updated_at)))
                               AND NOT EXISTS (SELECT 1 FROM job_lane l WHERE l.job_id = j.id AND NOT retired)
                             ORDER BY updated_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
                        RETURNING id""")
                .query(Long.class)
                .list()
                .forEach(job -> outbox.write(Destination.JOBS_END, new JobEnd.Request(job), Map.of(), null));
    }
}
