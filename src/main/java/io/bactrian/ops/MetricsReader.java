package io.bactrian.ops;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the {@link SystemMetrics} from the database and the broker. */
@Component
public final class MetricsReader {
    private static final Duration ACTIVE = Duration.ofDays(30);
    private static final Duration BROKER_LIMIT = Duration.ofSeconds(5);

    private final ReentrantLock asking = new ReentrantLock();
    private final JdbcClient database;
    private final LimitedCall<Long> queueLength;
    private final Clock clock;

    MetricsReader(JdbcClient database, Broker broker, Clock clock) {
        this.database = database;
        this.queueLength = new LimitedCall<>("queue-length", BROKER_LIMIT, broker::waiting);
        this.clock = clock;
    }

    /**
     * Counts what there is now.
     *
     * @throws BrokerUnavailableException when the broker does not tell the length of its queues within five seconds
     */
    public SystemMetrics read() {
        Instant now = clock.instant();
        long waiting = queueLength();
        // By account, because an index leads from there to its newest task and to its keys.
        return database.sql("""
                        SELECT (SELECT count(*) FROM account a
                                 WHERE EXISTS (SELECT 1 FROM task t WHERE t.account_id = a.id AND t.created_at >= :since)
                                    OR EXISTS (SELECT 1 FROM api_key k WHERE k.account_id = a.id AND k.last_used_at >= :since)
                                    OR EXISTS (SELECT 1 FROM map_key k WHERE k.account_id = a.id AND k.last_used_at >= :since)
                               ) AS active_users,
                               (SELECT coalesce(sum(entries), 0) FROM tally WHERE list = 'task') AS total_tasks,
                               (SELECT count(*) FROM task WHERE status IN ('pending', 'running')) AS active_tasks""")
                .param("since", Timestamp.from(now.minus(ACTIVE)))
                .query((row, number) -> new SystemMetrics(
                        row.getLong("active_users"),
                        row.getLong("total_tasks"),
                        row.getLong("active_tasks"),
                        waiting,
                        now))
                .single();
    }

    private long queueLength() {
        asking.lock();
        try {
            return queueLength.begin().result();
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException(e);
        } finally {
            asking.unlock();
        }
    }
}
