package io.bactrian.job;

import io.bactrian.places.Visit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The visits that a job still has to make, each once whoever found it how often.
 *
 * <p>Places come before results: a search goes no wider than it must. Whoever changes a job's list has locked the job.
 */
@Component
class JobWorkList {
    private static final String VISIT = "id, kind, key, target, attempt, booked";

    private final JdbcClient database;
    private final JdbcTemplate template;
    private final Clock clock;

    JobWorkList(JdbcClient database, JdbcTemplate template, Clock clock) {
        this.database = database;
        this.template = template;
        this.clock = clock;
    }

    /** How many visits the list has, made ones too, beside those of websites. */
    int size(long job) {
        return database.sql("SELECT count(*) FROM job_visit WHERE job_id = ? AND kind <> 'contact'")
                .param(job)
                .query(Integer.class)
                .single();
    }

    /**
     * A visit of the list.
     *
     * @param booked whether it waited for a slot of its own
     */
    record Entry(long id, Visit visit, int attempt, boolean booked) {}

    /** Adds visits, but for those that are in the list already. */
    void add(long job, List<Visit> visits) {
        Timestamp now = Timestamp.from(clock.instant());
        List<Object[]> rows = visits.stream()
                .map(visit -> new Object[] {job, code(visit.kind()), visit.key(), visit.target(), now})
                .toList();
        template.batchUpdate("""
                INSERT INTO job_visit (job_id, kind, key, target, status, not_before)
                VALUES (?, ?, ?, ?, 'waiting', ?) ON CONFLICT (job_id, key) DO NOTHING""", rows);
    }

    /** Takes the next visit that a lane may make now. */
    Optional<Entry> claim(long job, boolean contacts, int wanted) {
        String kind = contacts ? "contact" : nextKind(job, wanted);
        return kind == null
                ? Optional.empty()
                : database.sql("""
                                UPDATE job_visit SET status = 'taken' WHERE id = (
                                    SELECT id FROM job_visit
                                     WHERE job_id = ? AND kind = ? AND status = 'waiting' AND not_before <= ?
                                     ORDER BY id LIMIT 1)
                                RETURNING\s""" + VISIT)
                        .params(job, kind, Timestamp.from(clock.instant()))
                        .query(JobWorkList::entry)
                        .optional();
    }

    private record Counts(int due, int waiting, int taken) {}

    /** Places as long as more are wanted than are under way; results when all places that are known would not do. */
    private @Nullable String nextKind(long job, int wanted) {
        Counts places = places(job);
        if (places.due() > 0 && places.taken() < wanted) {
            return "place";
        }
        return places.waiting() + places.taken() < wanted ? "search" : null;
    }

    private Counts places(long job) {
        return database.sql("""
                        SELECT count(*) FILTER (WHERE status = 'waiting' AND not_before <= ?),
                               count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE status = 'taken')
                          FROM job_visit WHERE job_id = ? AND kind = 'place' AND status IN ('waiting', 'taken')""")
                .params(Timestamp.from(clock.instant()), job)
                .query((row, number) -> new Counts(row.getInt(1), row.getInt(2), row.getInt(3)))
                .single();
    }

    /** The visit that a lane has taken and not made. */
    Entry taken(long id) {
        return database.sql("SELECT " + VISIT + " FROM job_visit WHERE id = ?")
                .param(id)
                .query(JobWorkList::entry)
                .single();
    }

    /** When the next visit may be made, or null where nothing waits that is wanted. */
    @Nullable
    Instant nextDue(long job, boolean contacts, int wanted) {
        String kind = contacts ? "contact" : nextKindLater(job, wanted);
        return kind == null
                ? null
                : database
                        .sql(
                                "SELECT min(not_before) FROM job_visit WHERE job_id = ? AND kind = ? AND status = 'waiting'")
                        .params(job, kind)
                        .query((row, number) -> row.getTimestamp(1))
                        .list()
                        .stream()
                        .filter(due -> due != null)
                        .map(Timestamp::toInstant)
                        .findFirst()
                        .orElse(null);
    }

    private @Nullable String nextKindLater(long job, int wanted) {
        Counts places = places(job);
        if (places.taken() >= wanted) {
            return null;
        }
        return places.waiting() > 0 ? "place" : "search";
    }

    void done(long id) {
        database.sql("UPDATE job_visit SET status = 'done' WHERE id = ?")
                .param(id)
                .update();
    }

    void failed(long id, String message) {
        database.sql("UPDATE job_visit SET status = 'failed', error_message = ? WHERE id = ?")
                .params(message, id)
                .update();
    }

    /** Lets a visit be tried again. */
    void again(long id, Instant notBefore) {
        database.sql("""
                        UPDATE job_visit SET status = 'waiting', attempt = attempt + 1, not_before = ?, booked = false
                         WHERE id = ?""").params(Timestamp.from(notBefore), id).update();
    }

    /** Notes that a browser died under a visit, which may be tried again; gives how often that has happened. */
    int browserDied(long id, Instant notBefore) {
        return database.sql("""
                        UPDATE job_visit SET status = 'waiting', deaths = deaths + 1, not_before = ?, booked = false
                         WHERE id = ? RETURNING deaths""")
                .params(Timestamp.from(notBefore), id)
                .query(Integer.class)
                .single();
    }

    /** Keeps a visit for the lane that has it, until its turn. */
    void later(long id, Instant notBefore, boolean booked) {
        database.sql("UPDATE job_visit SET not_before = ?, booked = ? WHERE id = ?")
                .params(Timestamp.from(notBefore), booked, id)
                .update();
    }

    /** Removes what nobody wants any more, because the job has all its places or its provider is closed to it. */
    void dropUnwanted(long job) {
        database.sql("DELETE FROM job_visit WHERE job_id = ? AND kind <> 'contact' AND status = 'waiting'")
                .param(job)
                .update();
    }

    /** How many visits could be made now, if there were lanes for them. */
    int claimable(long job, boolean contacts, int wanted) {
        if (contacts) {
            return due(job, "contact");
        }
        Counts places = places(job);
        int unclaimed = Math.clamp(wanted - places.taken(), 0, places.due());
        return places.waiting() + places.taken() < wanted ? unclaimed + due(job, "search") : unclaimed;
    }

    private int due(long job, String kind) {
        return database.sql("""
                        SELECT count(*) FROM job_visit
                         WHERE job_id = ? AND kind = ? AND status = 'waiting' AND not_before <= ?""")
                .params(job, kind, Timestamp.from(clock.instant()))
                .query(Integer.class)
                .single();
    }

    private static Entry entry(ResultSet row, int number) throws SQLException {
        return new Entry(
                row.getLong("id"),
                new Visit(
                        Visit.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("key"),
                        row.getString("target")),
                row.getInt("attempt"),
                row.getBoolean("booked"));
    }

    private static String code(Visit.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
