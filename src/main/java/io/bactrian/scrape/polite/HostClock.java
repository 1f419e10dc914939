package io.bactrian.scrape.polite;

import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.HttpUrl;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The clocks of hosts: who may send a request to a host now, over all nodes and tenants, and who comes back when.
 *
 * <p><b>Two hands.</b> A clock (a row of {@code host_clock}) has two times. One hands out slots, an interval apart, in the
 * order in which they are asked for; a request that finds others before it books the next one and comes back on it. The
 * other tells when the next request is due by those that have <em>really gone</em>: it moves an interval on from each. A
 * request may go up to the tolerance (100 ms) before it is due, never more. That is the generic cell rate algorithm, and it
 * alone keeps the promise: in any {@code 1 s} at most R requests go, because R intervals are {@code 1 s} and the tolerance
 * ({@link HostPace#of}). Slots only keep order.
 *
 * <p><b>Lateness.</b> Where everyone is within the tolerance of its slot, everyone goes. A request that comes later than that,
 * because its node is busy, goes if the host has been left alone meanwhile, and books anew if another has gone just before;
 * so late ones never bunch up: two requests are always at least the interval less the tolerance apart. Nor do they starve
 * one another: the due time moves only when a request goes, so the first that comes an interval after the last one goes,
 * however late it is. A node on which everything is late still sends a request in each interval.
 *
 * <p><b>At once.</b> A request also needs a lease, of which there are as many as requests may be under way. It is given
 * back, or runs out, so that a process that dies keeps none for long.
 *
 * <p><b>Bounds.</b> Slots are booked a minute ahead at most (three intervals where these are long). Slots that nobody comes
 * for, as of a cancelled task, keep others waiting for no longer than that.
 *
 * <p>A decision is one call of one SQL function, which holds the row of that host for its own duration. It must not be
 * called in a transaction. The clocks of the nodes should agree to well within the tolerance.
 */
@Component
public final class HostClock {
    /** A request that has not ended so long after its time-out never will: its process has died. */
    private static final Duration LEASE_MARGIN = Duration.ofSeconds(15);

    private static final Duration MOST_AHEAD = Duration.ofMinutes(1);
    private static final int MOST_INTERVALS_AHEAD = 3;
    private static final int BATCH = 1_000;

    /** Clocks in use are looked at again after this, so that their rows are seldom written for it. */
    private static final Duration LATER = Duration.ofMinutes(5);

    private final HostLimits limits;
    private final RobotsTxt robots;
    private final JdbcClient database;
    private final Clock clock;

    public HostClock(HostLimits limits, RobotsTxt robots, JdbcClient database, Clock clock) {
        this.limits = limits;
        this.robots = robots;
        this.database = database;
        this.clock = clock;
    }

    /**
     * How fast the host of a URL may be asked; decided in memory.
     *
     * @param respectRobotsTxt whether a {@code Crawl-delay} counts, once robots.txt has been read
     * @return null for a URL that nobody will request, because it is refused
     */
    public @Nullable HostPace paceOf(String url, boolean respectRobotsTxt) {
        HttpUrl parsed;
        try {
            parsed = HttpUrl.parse(url);
        } catch (EgressRefusedException refused) {
            return null;
        }
        HostPace pace = limits.paceOf(parsed);
        if (!respectRobotsTxt || !pace.limited()) {
            return pace;
        }
        Duration delay = robots.crawlDelay(parsed);
        Duration longest = limits.longestCrawlDelay();
        return pace.withDelay(delay.compareTo(longest) < 0 ? delay : longest);
    }

    /** Whether requests to the host of a URL take turns; decided in memory. */
    public boolean isLimited(HttpUrl url) {
        return limits.paceOf(url).limited();
    }

    /**
     * Lets one request go, or books a slot for it.
     *
     * @param pace of its host, which is limited
     * @param booked whether it comes on a slot that was booked for it; otherwise it stands behind all that have one
     * @param timeout how long the request takes at most
     */
    public Turn take(HostPace pace, boolean booked, Duration timeout) {
        // The database keeps microseconds: a moment between two of them would seem to be later there than here.
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        boolean counted = pace.limitsConcurrency();
        String lease = counted ? UUID.randomUUID().toString() : null;
        return database.sql("""
                        SELECT take_host_turn(?, ?, ?, ? * interval '1 microsecond', ? * interval '1 microsecond', ?, ?, ?,
                            ? * interval '1 microsecond')""")
                .params(
                        pace.key(),
                        Timestamp.from(now),
                        booked,
                        micros(pace.interval()),
                        micros(HostPace.TOLERANCE),
                        counted ? pace.concurrentRequests() : null,
                        lease,
                        Timestamp.from(now.plus(timeout).plus(LEASE_MARGIN)),
                        micros(horizon(pace)))
                .query((row, number) -> turn(row.getTimestamp(1), lease))
                .single();
    }

    private static Turn turn(@Nullable Timestamp slot, @Nullable String lease) {
        return slot == null ? new Turn.Now(lease) : new Turn.Later(slot.toInstant());
    }

    /** Says that a request has ended. */
    public void release(HostPace pace, String lease) {
        database.sql("UPDATE host_clock SET leases = leases - ? WHERE host = ?")
                .params(lease, pace.key())
                .update();
    }

    /** Lets no request go until then, whoever asks. */
    public void hold(HostPace pace, Instant until) {
        Timestamp now = Timestamp.from(clock.instant());
        database.sql("""
                        INSERT INTO host_clock AS c (host, next_at, due_at, hold_until) VALUES (?, ?, ?, ?)
                        ON CONFLICT (host) DO UPDATE SET hold_until = greatest(c.hold_until, excluded.hold_until)""").params(pace.key(), now, now, Timestamp.from(until)).update();
    }

    /**
     * Looks at some clocks whose time has come, past those that are being used: forgets the ones that say no more than a new
     * one would, and puts the others off until they may.
     *
     * @return whether there may be more
     */
    public boolean forgetIdle() {
        Instant now = clock.instant();
        return database.sql("""
                        WITH due AS (
                            SELECT ctid, greatest(next_at, due_at, hold_until) AS idle_at, NOT EXISTS (
                                       SELECT 1 FROM jsonb_each(c.leases) l
                                        WHERE l.value::numeric > extract(epoch FROM CAST(:now AS timestamptz))) AS is_free
                              FROM host_clock c WHERE sweep_at <= :now ORDER BY sweep_at LIMIT :batch FOR UPDATE SKIP LOCKED),
                        removed AS (
                            DELETE FROM host_clock c USING due d WHERE c.ctid = d.ctid AND d.is_free AND d.idle_at < :now),
                        put_off AS (
                            UPDATE host_clock c SET sweep_at = greatest(d.idle_at, CAST(:later AS timestamptz))
                              FROM due d WHERE c.ctid = d.ctid AND NOT (d.is_free AND d.idle_at < :now))
                        SELECT count(*) FROM due""")
                        .param("now", Timestamp.from(now))
                        .param("later", Timestamp.from(now.plus(LATER)))
                        .param("batch", BATCH)
                        .query(Integer.class)
                        .single()
                == BATCH;
    }

    private static Duration horizon(HostPace pace) {
        Duration intervals = pace.interval().multipliedBy(MOST_INTERVALS_AHEAD);
        return intervals.compareTo(MOST_AHEAD) > 0 ? intervals : MOST_AHEAD;
    }

    private static long micros(Duration duration) {
        return Math.ceilDiv(duration.toNanos(), 1_000);
    }
}
