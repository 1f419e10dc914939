package io.bactrian.outage;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A connection pool that fails at once while its database is away.
 *
 * <p>The pool itself waits for a connection, whether all are busy or none can be made. Here the first caller that finds that
 * none can be made has waited for the pool's own limit; after it one caller each second tries again, and all others are refused
 * without waiting. Where connections are only busy, or slow to be made, callers wait up to thirty seconds for their turn.
 */
final class GuardedDataSource extends DelegatingDataSource {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_TRIALS = Duration.ofSeconds(1);

    /** The state of SQL for a connection that cannot be made. */
    private static final String UNABLE_TO_CONNECT = "08001";

    private final HikariDataSource pool;
    private final LongSupplier nanoTime;
    private final AtomicLong nextTrial = new AtomicLong();
    private volatile @Nullable SQLException away;

    GuardedDataSource(HikariDataSource pool, LongSupplier nanoTime) {
        super(pool);
        this.pool = pool;
        this.nanoTime = nanoTime;
    }

    /** Whether the last attempt to have a connection has failed because none could be made. */
    boolean isAway() {
        return away != null;
    }

    @Override
    public Connection getConnection() throws SQLException {
        long begun = nanoTime.getAsLong();
        SQLException reason = away;
        if (reason != null && !mayTry(begun)) {
            throw new SQLTransientConnectionException(
                    "The database is away: " + reason.getMessage(), UNABLE_TO_CONNECT, reason);
        }
        while (true) {
            try {
                Connection connection = pool.getConnection();
                away = null;
                return connection;
            } catch (SQLTransientConnectionException e) {
                if (!isBusy(e)) {
                    nextTrial.set(nanoTime.getAsLong() + BETWEEN_TRIALS.toNanos());
                    away = e;
                    throw e;
                }
                if (away != null || nanoTime.getAsLong() - begun > PATIENCE.toNanos()) {
                    throw e;
                }
            }
        }
    }

    private boolean mayTry(long now) {
        long due = nextTrial.get();
        return now - due >= 0 && nextTrial.compareAndSet(due, now + BETWEEN_TRIALS.toNanos());
    }

    /** With a cause, a connection could not be made; without one all were taken, or a new one was slow to be made. */
    private static boolean isBusy(SQLException failure) {
        return failure.getCause() == null;
    }
}
