package io.bactrian.outage;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
 *
 * <p>Requests over HTTP have at most two thirds of the connections, and so has all other work: neither waits for all of the
 * other's. The check of the database's health counts as a request, for it asks on behalf of those.
 */
final class GuardedDataSource extends DelegatingDataSource {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_TRIALS = Duration.ofSeconds(1);

    /** The state of SQL for a connection that cannot be made. */
    private static final String UNABLE_TO_CONNECT = "08001";

    /** How the names of threads begin that serve requests: those of routes, those of filters, those of the check of health. */
    private static final List<String> REQUEST_THREADS = List.of("request-", "tomcat-", "health-");

    private final HikariDataSource pool;
    private final LongSupplier nanoTime;
    private final Semaphore forRequests;
    private final Semaphore forWork;
    private final AtomicLong nextTrial = new AtomicLong();
    private volatile @Nullable SQLException away;

    GuardedDataSource(HikariDataSource pool, LongSupplier nanoTime) {
        super(pool);
        this.pool = pool;
        this.nanoTime = nanoTime;
        int most = Math.max(1, pool.getMaximumPoolSize() * 2 / 3);
        this.forRequests = new Semaphore(most, true);
        this.forWork = new Semaphore(most, true);
    }

    /** Whether the last attempt to have a connection has failed because none could be made. */
    boolean isAway() {
        return away != null;
    }

    @Override
    public Connection getConnection() throws SQLException {
        String thread = Thread.currentThread().getName();
        Semaphore share = REQUEST_THREADS.stream().anyMatch(thread::startsWith) ? forRequests : forWork;
        take(share);
        boolean connected = false;
        try {
            Connection connection = new ReturnedConnection(connect(), share::release).proxy();
            connected = true;
            return connection;
        } finally {
            if (!connected) {
                share.release();
            }
        }
    }

    private static void take(Semaphore share) throws SQLException {
        try {
            if (!share.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SQLTransientConnectionException("All connections of its kind of thread are busy.");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("Interrupted while all connections were busy.");
        }
    }

    private Connection connect() throws SQLException {
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
