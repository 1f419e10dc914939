package io.bactrian.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.job.Job;
import io.bactrian.job.JobEnded;
import io.bactrian.job.JobStatus;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The end of a run, with its job: what the job has come to is kept, the places found are noted as seen, and whoever wants to
 * hear of the new ones is told.
 */
@Service
class SearchEnd implements JobEnded {
    private final SearchStore store;
    private final SearchNotices notices;
    private final Accounts accounts;
    private final JdbcClient database;
    private final ObjectMapper json;

    SearchEnd(SearchStore store, SearchNotices notices, Accounts accounts, JdbcClient database, ObjectMapper json) {
        this.store = store;
        this.notices = notices;
        this.accounts = accounts;
        this.database = database;
        this.json = json;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void ended(Job job) {
        store.lockOfJob(job.number()).ifPresent(search -> ended(search, job));
    }

    /** The run is over; its places are told of by the next one that finds them. */
    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void abandoned(Job job) {
        store.lockOfJob(job.number()).ifPresent(search -> keep(job, NewPlaces.NONE));
    }

    private void ended(SavedSearch search, Job job) {
        // Places of a run that was cancelled are told of by the next one that finds them.
        boolean completed = job.status() == JobStatus.COMPLETED;
        NewPlaces places = completed ? newPlaces(search, job) : NewPlaces.NONE;
        Instant scheduledFor = keep(job, places);
        if (completed && (places.count() > 0 || !search.definition().onlyNew())) {
            Account account = accounts.find(search.accountId());
            if (account.active()) {
                String held = notices.tell(account, search, job, scheduledFor, places);
                database.sql("UPDATE saved_search_run SET email_error = :held WHERE job_id = :job")
                        .param("held", held, Types.VARCHAR)
                        .param("job", job.number())
                        .update();
            }
        }
    }

    /** Keeps what became of the job's run, and gives the time that it was due. */
    private Instant keep(Job job, NewPlaces places) {
        return database.sql("""
                        UPDATE saved_search_run SET status = :status, started_at = :started, completed_at = :completed,
                            result_count = :results, new_count = :fresh, credits_used = :credits, error = :error
                         WHERE job_id = :job RETURNING scheduled_for""")
                .param("job", job.number())
                .param("status", job.status().code())
                .param("started", SearchStore.timestamp(job.startedAt()), Types.TIMESTAMP)
                .param("completed", SearchStore.timestamp(job.completedAt()), Types.TIMESTAMP)
                .param("results", job.resultCount())
                .param("fresh", places.count())
                .param("credits", job.creditsUsed())
                .param("error", job.error(), Types.VARCHAR)
                .query(Timestamp.class)
                .single()
                .toInstant();
    }

    /** Notes the job's places as seen, and gives those that no earlier run had seen. */
    private NewPlaces newPlaces(SavedSearch search, Job job) {
        List<Optional<ObjectNode>> places = database.sql("""
                        WITH seen AS (
                            INSERT INTO saved_search_place (search_id, place)
                            SELECT :search, sha256(convert_to(place_id, 'UTF8')) FROM job_place WHERE job_id = :job
                            ON CONFLICT DO NOTHING RETURNING place)
                        SELECT CASE WHEN row_number() OVER (ORDER BY p.position) <= :most THEN p.place END
                          FROM job_place p JOIN seen s ON s.place = sha256(convert_to(p.place_id, 'UTF8'))
                         WHERE p.job_id = :job ORDER BY p.position""")
                .param("search", search.id())
                .param("job", job.number())
                .param("most", NewPlaces.MOST_SHOWN)
                .query((row, number) -> Optional.ofNullable(row.getString(1)).map(this::place))
                .list();
        return new NewPlaces(
                places.size(), places.stream().flatMap(Optional::stream).toList());
    }

    private ObjectNode place(String text) {
        try {
            return json.readValue(text, ObjectNode.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A job has an unreadable place.", e);
        }
    }
}
