package io.bactrian.search;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.Violation;
import io.bactrian.job.Job;
import io.bactrian.job.Jobs;
import io.bactrian.schedule.Schedules;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What accounts do with their saved searches. */
@Service
public class SavedSearches {
    private final SearchStore store;
    private final Jobs jobs;
    private final SearchProperties settings;
    private final JdbcClient database;
    private final Clock clock;

    SavedSearches(SearchStore store, Jobs jobs, SearchProperties settings, JdbcClient database, Clock clock) {
        this.store = store;
        this.jobs = jobs;
        this.settings = settings;
        this.database = database;
        this.clock = clock;
    }

    /**
     * Saves a search.
     *
     * @param test whether it is saved with a test key
     * @throws InvalidInputException when it cannot be carried out, its schedule never comes, or the account has as many as it may
     */
    @Transactional
    public SavedSearch create(UUID accountId, SearchDefinition definition, boolean test) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant next = next(definition, now);
        jobs.check(definition.params(), test);
        // One at a time for each account; otherwise two could each see the last free place.
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")
                .param("saved-searches:" + accountId)
                .query()
                .listOfRows();
        int saved = database.sql("SELECT count(*) FROM saved_search WHERE account_id = ?")
                .param(accountId)
                .query(Integer.class)
                .single();
        if (saved >= settings.maxPerAccount()) {
            throw new InvalidInputException(
                    "",
                    "There are %d saved searches, which is the most that an account may have. Delete one first."
                            .formatted(saved));
        }
        long id = store.insert(accountId, definition, test, next, now);
        return new SavedSearch(id, accountId, definition, test, next, null, now);
    }

    /** All of an account's saved searches, oldest first. */
    @Transactional(readOnly = true)
    public List<SavedSearch> list(UUID accountId) {
        return store.list(accountId);
    }

    /**
     * The account's saved search of that id.
     *
     * @throws NotFoundException when there is none
     */
    @Transactional(readOnly = true)
    public SavedSearch find(UUID accountId, long id) {
        return store.find(accountId, id).orElseThrow(SavedSearches::notFound);
    }

    /**
     * The latest runs, newest first.
     *
     * @throws NotFoundException when there is no such search
     */
    @Transactional(readOnly = true)
    public List<SearchRun> history(UUID accountId, long id, int limit) {
        find(accountId, id);
        // Before its end a job speaks for itself; afterwards the run has what it said.
        return database.sql("""
                        SELECT r.job_id, r.scheduled_for, coalesce(r.started_at, j.started_at) AS started_at, r.completed_at,
                               coalesce(j.result_count, r.result_count) AS result_count, r.new_count, r.credits_used,
                               coalesce(j.status, r.status) AS status, r.error, r.email_error
                          FROM saved_search_run r LEFT JOIN job j ON j.id = r.job_id AND r.completed_at IS NULL
                         WHERE r.search_id = ? ORDER BY r.scheduled_for DESC LIMIT ?""").params(id, limit).query(SavedSearches::run).list();
    }

    private static SearchRun run(ResultSet row, int number) throws SQLException {
        long job = row.getLong("job_id");
        return new SearchRun(
                row.wasNull() ? null : Job.id(job),
                row.getTimestamp("scheduled_for").toInstant(),
                SearchStore.instant(row.getTimestamp("started_at")),
                SearchStore.instant(row.getTimestamp("completed_at")),
                row.getInt("result_count"),
                row.getInt("new_count"),
                row.getLong("credits_used"),
                row.getString("status"),
                row.getString("error"),
                row.getString("email_error"));
    }

    /**
     * Changes a search. It is due anew, from now on, where its schedule, its time zone or its being active changes.
     *
     * @throws NotFoundException when there is no such search
     * @throws InvalidInputException when it could not be carried out any more
     */
    @Transactional
    public void update(UUID accountId, long id, UnaryOperator<SearchDefinition> change) {
        SavedSearch search = store.lock(accountId, id).orElseThrow(SavedSearches::notFound);
        SearchDefinition before = search.definition();
        SearchDefinition after = change.apply(before);
        Instant next = next(after, clock.instant());
        jobs.check(after.params(), search.test());
        boolean same = before.active() == after.active()
                && before.schedule().equals(after.schedule())
                && before.timezone().equals(after.timezone());
        store.update(id, after, same ? search.nextRunAt() : next);
    }

    /**
     * Deletes a search with its history; a job of it that is under way goes on.
     *
     * @throws NotFoundException when there is no such search
     */
    @Transactional
    public void delete(UUID accountId, long id) {
        int deleted = database.sql("DELETE FROM saved_search WHERE id = ? AND account_id = ?")
                .params(id, accountId)
                .update();
        if (deleted == 0) {
            throw notFound();
        }
    }

    /** When a search is due after that time; null for never. */
    static @Nullable Instant next(SearchDefinition definition, Instant after) {
        try {
            Instant next = Schedules.cron(
                            "schedule", definition.schedule(), Schedules.zone("timezone", definition.timezone()))
                    .next(after)
                    .orElse(null);
            return definition.active() ? next : null;
        } catch (InvalidInputException e) {
            throw new InvalidInputException(e.violations().stream()
                    .map(violation -> new Violation(violation.field(), violation.field() + " " + violation.message()))
                    .toList());
        }
    }

    private static NotFoundException notFound() {
        return new NotFoundException("Saved search");
    }
}
