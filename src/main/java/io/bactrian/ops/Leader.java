package io.bactrian.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The lease of the one node that does the housekeeping.
 *
 * <p>A row of the database names the holder and the end of its lease, by the database's clock. The holder renews it long
 * before it ends; any node may take one that has ended. A node that stops gives it up, and one that is killed loses it with
 * the end of the lease. A holder counts its lease from before it asked, so that it knows of the end before another node can
 * take it, whatever the clocks say.
 *
 * <p>Safe for use by many threads.
 */
@Component
public final class Leader implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(Leader.class);

    private final String holder = UUID.randomUUID().toString();
    private final JdbcClient database;
    private final Duration lease;
    private volatile long end = System.nanoTime();
    private boolean unreachable;
    private boolean stopped;

    Leader(JdbcClient database, MeterRegistry meters, @Value("${bactrian.housekeeping.lease:30s}") Duration lease) {
        this.database = database;
        this.lease = lease;
        Gauge.builder("bactrian.housekeeping.leader", this, leader -> leader.leads() ? 1 : 0)
                .description("1 on the node that does the housekeeping")
                .register(meters);
    }

    /** Whether this node holds the lease; decided in memory. */
    public boolean leads() {
        return end - System.nanoTime() > 0;
    }

    /** Takes the lease if it is free, or renews it. A database that cannot be asked is logged once. */
    public synchronized void renew() {
        if (stopped) {
            return;
        }
        long asked = System.nanoTime();
        boolean led = leads();
        try {
            if (take()) {
                end = asked + lease.toNanos();
                if (!led) {
                    LOG.debug("This node, {}, does the housekeeping from now on", holder);
                }
            } else {
                end = asked;
            }
            unreachable = false;
        } catch (DataAccessException e) {
            if (!unreachable) {
                LOG.warn("The lease of the housekeeping was not renewed; it is tried again: {}", e.getMessage());
            }
            unreachable = true;
        }
    }

    private boolean take() {
        return database.sql("""
                        UPDATE leader SET holder = :holder, until = clock_timestamp() + :lease * interval '1 millisecond'
                         WHERE name = 'housekeeping' AND (holder = :holder OR until <= clock_timestamp())""")
                        .param("holder", holder)
                        .param("lease", lease.toMillis())
                        .update()
                == 1;
    }

    /** Gives the lease up, so that another node need not wait for its end. */
    @Override
    public synchronized void destroy() {
        stopped = true;
        end = System.nanoTime();
        try {
            database.sql(
                            "UPDATE leader SET holder = NULL, until = '-infinity' WHERE name = 'housekeeping' AND holder = ?")
                    .param(holder)
                    .update();
        } catch (DataAccessException e) {
            LOG.debug("The lease of the housekeeping was not given up; it ends by itself", e);
        }
    }
}
