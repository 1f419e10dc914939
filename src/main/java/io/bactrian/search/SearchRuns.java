package io.bactrian.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.InvalidInputException;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.credit.InsufficientCreditsException;
import io.bactrian.job.AcceptedJob;
import io.bactrian.job.JobSubmission;
import io.bactrian.job.Jobs;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes the job of each run of a saved search, once. */
@Service
public class SearchRuns {
    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final SearchStore store;
    private final Jobs jobs;
    private final Accounts accounts;
    private final Outbox outbox;
    private final Recovery recovery;
    private final SearchProperties settings;
    private final TransactionTemplate transactions;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    SearchRuns(
            SearchStore store,
            Jobs jobs,
            Accounts accounts,
            Outbox outbox,
            Recovery recovery,
            SearchProperties settings,
            TransactionTemplate transactions,
            JdbcClient database,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.jobs = jobs;
        this.accounts = accounts;
        this.outbox = outbox;
        this.recovery = recovery;
        this.settings = settings;
        this.transactions = transactions;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** Asks for the job of a run. */
    record Request(long run) {}

    /**
     * Makes a run's job, with the plan and the credits that the account has now. A run that cannot have one has failed, and
     * says why. A repeated request makes no second job.
     */
    public void start(String request) throws JsonProcessingException {
        long run = json.readValue(request, Request.class).run();
        try {
            transactions.executeWithoutResult(
                    transaction -> waitingSearch(run).ifPresent(search -> submit(run, search)));
        } catch (InsufficientCreditsException e) {
            fail(
                    run,
                    "Insufficient credits: the search needs %d, and %d are available"
                            .formatted(e.required(), e.available()));
        } catch (InvalidInputException e) {
            fail(run, String.valueOf(e.getMessage()));
        }
    }

    private Optional<SavedSearch> waitingSearch(long run) {
        return database.sql("""
                        SELECT search_id FROM saved_search_run WHERE id = ? AND status = 'queued' AND job_id IS NULL
                           FOR UPDATE""").param(run).query(Long.class).optional().flatMap(store::find);
    }

    private void submit(long run, SavedSearch search) {
        Account account = accounts.find(search.accountId());
        if (!account.active()) {
            return;
        }
        if (search.definition().params().isEmpty()) {
            throw new InvalidInputException(
                    "params", "The parameters of this search cannot be read any more. Save them again.");
        }
        // A run is made by whichever node has its message, and its visits by one that has what they need.
        AcceptedJob job = jobs.submit(new JobSubmission(
                account.id(),
                account.mapscraperPlan(),
                search.test(),
                search.definition().params(),
                null,
                true));
        database.sql("UPDATE saved_search_run SET job_id = ? WHERE id = ?")
                .params(job.number(), run)
                .update();
    }

    private boolean fail(long run, String error) {
        Timestamp now = Timestamp.from(clock.instant());
        return database.sql("""
                        UPDATE saved_search_run SET status = 'failed', error = ?, started_at = ?, completed_at = ?
                         WHERE id = ? AND status = 'queued' AND job_id IS NULL""").params(error, now, now, run).update() > 0;
    }

    /** Asks again for runs that were asked for long ago and have no job. What has failed after its last reissue is abandoned. */
    public void resendLost() {
        Recovery.forEach(hopeless(), "abandon run", this::abandon);
        transactions.executeWithoutResult(transaction -> recovery.statement("""
                        UPDATE saved_search_run a
                           SET asked_at = :now, reissues = a.reissues + work_failed('run:' || a.id, a.asked_at)::integer
                         WHERE id IN (
                            SELECT id FROM saved_search_run
                             WHERE job_id IS NULL AND completed_at IS NULL AND asked_at < :lost
                               AND asked_at + work_wait(:seconds, reissues) < :now
                               AND (reissues < :most OR NOT work_failed('run:' || id, asked_at))
                             ORDER BY asked_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING id""")
                .query(Long.class)
                .list()
                .forEach(run -> outbox.write(Destination.SEARCHES_RUN, new Request(run), Map.of(), null)));
    }

    private List<Long> hopeless() {
        return recovery.statement("""
                        SELECT id FROM saved_search_run
                         WHERE job_id IS NULL AND completed_at IS NULL AND asked_at < :lost
                           AND asked_at + work_wait(:seconds, reissues) < :now
                           AND reissues >= :most AND work_failed('run:' || id, asked_at)
                         ORDER BY asked_at LIMIT :few""").query(Long.class).list();
    }

    private void abandon(long run) {
        if (fail(run, "The service failed to start this search again and again, and gave it up. Tell the operator.")) {
            recovery.abandoned("search-run", "run:" + run, "It has failed in the history of its search.");
        }
    }

    /**
     * Forgets some of the runs that ended too long ago.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        return database.sql("""
                        DELETE FROM saved_search_run WHERE ctid = ANY(ARRAY(
                            SELECT ctid FROM saved_search_run WHERE completed_at < ?
                             ORDER BY completed_at LIMIT ? FOR UPDATE SKIP LOCKED))""")
                        .params(Timestamp.from(clock.instant().minus(settings.history())), FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }
}
