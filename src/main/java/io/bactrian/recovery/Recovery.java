package io.bactrian.recovery;

import io.bactrian.Blameless;
import io.bactrian.outage.Outage;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The rules by which every room issues lost work again and abandons work that always fails.
 *
 * <p>Work is claimed for a reissue and marked in one statement, so two nodes never issue the same token. A reissue counts if
 * the work has failed since it was last issued ({@link FailedWork}), and progress sets the count back. Work that has failed
 * again after its last reissue is abandoned: its room ends it, and the operator is told.
 */
@Service
public class Recovery {
    /** Rows that one statement claims at most. */
    private static final int AT_ONCE = 500;

    /** Pieces of work that are abandoned in one run at most; each is a transaction of its own. */
    private static final int ABANDONED_AT_ONCE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final RecoveryProperties settings;
    private final JdbcClient database;
    private final MeterRegistry meters;
    private final Clock clock;

    Recovery(RecoveryProperties settings, JdbcClient database, MeterRegistry meters, Clock clock) {
        this.settings = settings;
        this.database = database;
        this.meters = meters;
        this.clock = clock;
    }

    /** How often work that fails is issued again before it is abandoned. */
    public int reissues() {
        return settings.reissues();
    }

    /**
     * A statement with the parameters {@code :now}, {@code :lost} (what was due before is lost), {@code :seconds} (the first
     * wait, for {@code work_wait}), {@code :most} (reissues that may count), {@code :limit} (rows that are claimed at most) and
     * {@code :few} (pieces of work that are abandoned at most).
     */
    public StatementSpec statement(String sql) {
        return statement(sql, 1);
    }

    /**
     * As {@link #statement(String)}, for work that may wait longer.
     *
     * @param patience how many times the usual wait it is
     */
    public StatementSpec statement(String sql, int patience) {
        Duration wait = settings.lostAfter().multipliedBy(patience);
        return database.sql(sql)
                .param("now", Timestamp.from(clock.instant()))
                .param("lost", Timestamp.from(clock.instant().minus(wait)))
                .param("seconds", wait.toMillis() / 1000.0)
                .param("most", settings.reissues())
                .param("limit", AT_ONCE)
                .param("few", ABANDONED_AT_ONCE);
    }

    /**
     * Whether a failure is the work's own: it would fail again whoever tries. What passes is not, nor is that a table is
     * missing, or what says of itself that it is {@link Blameless}.
     */
    public static boolean isTheWorks(Throwable failure) {
        return !(passes(failure)
                || failure instanceof Blameless
                || failure instanceof InvalidDataAccessResourceUsageException
                || failure instanceof TransactionException);
    }

    /** Whether a failure passes by itself: the database or the broker is away, or others were in the way. */
    public static boolean passes(Throwable failure) {
        // Spring takes more for a lack of resources: also what is too large for the database whenever it is tried.
        return Outage.of(failure) != null
                || failure instanceof CannotGetJdbcConnectionException
                || failure instanceof CannotCreateTransactionException
                || failure instanceof RecoverableDataAccessException
                || failure instanceof TransientDataAccessException;
    }

    /**
     * Carries something out for each of several pieces of work; one that fails is logged and stops no other.
     *
     * @param what it is, for the log: {@code abandon task}
     */
    public static <T> void forEach(List<T> works, String what, Consumer<T> action) {
        for (T work : works) {
            try {
                action.accept(work);
            } catch (RuntimeException e) {
                LOG.error("Could not {} {}; it is tried again at the next look", what, work, e);
            }
        }
    }

    /** What the work's last failure was, as far as it was noted. */
    public Optional<String> lastFailure(String work) {
        return database.sql("SELECT queue || ': ' || cause FROM work_failure WHERE work = ?")
                .param(work)
                .query(String.class)
                .optional();
    }

    /**
     * Tells the operator that work was abandoned after too many reissues. Call it after the commit.
     *
     * @param kind for the metric, such as {@code task}
     * @param work as {@link FailedWork} names it
     * @param consequence a sentence on what has become of it
     */
    public void abandoned(String kind, String work, String consequence) {
        meters.counter("bactrian.work.abandoned", "kind", kind).increment();
        LOG.error(
                "Abandoned {} after {} reissues. {} Last failure: {}",
                work,
                settings.reissues(),
                consequence,
                lastFailure(work).orElse("none was noted."));
    }

    /**
     * Tells the operator that work was abandoned at its first failure, because trying again cannot help. Call it in the
     * transaction that abandons it; the operator is told after its commit.
     *
     * @param kind for the metric, such as {@code task}
     * @param work as {@link FailedWork} names it
     * @param consequence a sentence on what has become of it
     */
    public void abandoned(String kind, String work, String consequence, Throwable cause) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                meters.counter("bactrian.work.abandoned", "kind", kind).increment();
                LOG.error("Abandoned {}. {}", work, consequence, cause);
            }
        });
    }
}
