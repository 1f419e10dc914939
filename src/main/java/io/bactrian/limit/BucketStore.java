package io.bactrian.limit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The buckets in the database: read without a lock, and replaced only where nobody else has in between.
 *
 * <p>A bucket that is full again needs no row.
 */
@Component
class BucketStore {
    private static final int BATCH = 1_000;

    /** Buckets in use are looked at again after this, so that their rows are seldom written for it. */
    private static final Duration LATER = Duration.ofMinutes(5);

    private final JdbcClient database;
    private final Clock clock;

    BucketStore(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * A bucket's next state.
     *
     * @param old the state that it is made from, and that must still be the stored one
     * @param expiresAt when the bucket will be full, so that its row is no longer needed
     */
    record Replacement(String bucket, String old, String state, Instant expiresAt) {}

    /** The states of those buckets that have a row. */
    Map<String, String> read(Collection<String> buckets) {
        Map<String, String> states = new HashMap<>();
        database.sql("SELECT id, state FROM rate_limit WHERE id IN (:ids)")
                .param("ids", buckets)
                .query(row -> {
                    states.put(row.getString("id"), row.getString("state"));
                });
        return states;
    }

    /** Makes a row for a full bucket, unless there is one by now. */
    void create(String bucket, String state) {
        database.sql("INSERT INTO rate_limit (id, state, expires_at) VALUES (:id, :state, :now) ON CONFLICT DO NOTHING")
                .param("id", bucket)
                .param("state", state)
                .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .update();
    }

    /** Replaces all of them, in one statement and one round trip, or none where one has changed. Whether it did. */
    boolean replace(List<Replacement> replacements) {
        return switch (replacements.size()) {
            case 1 -> replaceOne(replacements.getFirst());
            case 2 -> replaceBoth(replacements.getFirst(), replacements.getLast());
            default -> throw new IllegalArgumentException("One or two buckets, not " + replacements.size() + ".");
        };
    }

    private boolean replaceOne(Replacement one) {
        return database.sql(
                                "UPDATE rate_limit SET state = :state, expires_at = :expires WHERE id = :id AND state = :old")
                        .param("id", one.bucket())
                        .param("old", one.old())
                        .param("state", one.state())
                        .param("expires", OffsetDateTime.ofInstant(one.expiresAt(), ZoneOffset.UTC))
                        .update()
                == 1;
    }

    /** The rows are locked in the order of their ids by everyone, so that no two statements wait for each other. */
    private boolean replaceBoth(Replacement one, Replacement other) {
        return database.sql("""
                        WITH unchanged AS (
                            SELECT id FROM rate_limit
                             WHERE id IN (:id1, :id2) AND state = CASE id WHEN :id1 THEN :old1 ELSE :old2 END
                             ORDER BY id FOR UPDATE)
                        UPDATE rate_limit
                           SET state = CASE id WHEN :id1 THEN :state1 ELSE :state2 END,
                               expires_at = CASE id WHEN :id1 THEN :expires1 ELSE :expires2 END
                         WHERE id IN (:id1, :id2) AND (SELECT count(*) FROM unchanged) = 2""")
                        .param("id1", one.bucket())
                        .param("old1", one.old())
                        .param("state1", one.state())
                        .param("expires1", OffsetDateTime.ofInstant(one.expiresAt(), ZoneOffset.UTC))
                        .param("id2", other.bucket())
                        .param("old2", other.old())
                        .param("state2", other.state())
                        .param("expires2", OffsetDateTime.ofInstant(other.expiresAt(), ZoneOffset.UTC))
                        .update()
                == 2;
    }

    /**
     * Looks at some rows whose time has come, past those that are just being used: removes the buckets that are full again, and
     * puts the others off until they may be.
     *
     * @return whether there may be more
     */
    boolean removeExpired() {
        Instant now = clock.instant();
        return database.sql("""
                        WITH due AS (
                            SELECT ctid, expires_at, expires_at < :now AS is_full FROM rate_limit
                             WHERE sweep_at <= :now ORDER BY sweep_at LIMIT :batch FOR UPDATE SKIP LOCKED),
                        removed AS (DELETE FROM rate_limit r USING due d WHERE r.ctid = d.ctid AND d.is_full),
                        put_off AS (
                            UPDATE rate_limit r SET sweep_at = greatest(d.expires_at, CAST(:later AS timestamptz))
                              FROM due d WHERE r.ctid = d.ctid AND NOT d.is_full)
                        SELECT count(*) FROM due""")
                        .param("now", OffsetDateTime.ofInstant(now, ZoneOffset.UTC))
                        .param("later", OffsetDateTime.ofInstant(now.plus(LATER), ZoneOffset.UTC))
                        .param("batch", BATCH)
                        .query(Integer.class)
                        .single()
                == BATCH;
    }
}
