package io.bactrian.outage;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Keeps this node from taking messages while it could do nothing with them, and lets it go on by itself.
 *
 * <p>Not safe for use by several threads at once.
 */
@Component
public class OutageWatch {
    private static final Logger LOG = LoggerFactory.getLogger(OutageWatch.class);

    private final DatabaseGuard database;
    private final DiskSpace disk;
    private final QueueConsumers consumers;

    private @Nullable String pause;
    private long pausedAt;

    OutageWatch(DatabaseGuard database, DiskSpace disk, QueueConsumers consumers) {
        this.database = database;
        this.disk = disk;
        this.consumers = consumers;
    }

    /** Looks once; a route does it each second. */
    public void look() {
        String reason = reason();
        if (reason != null && pause == null) {
            LOG.warn("{}: this node takes no more messages until that has changed", reason);
            pausedAt = System.nanoTime();
        }
        if (reason == null && pause != null) {
            LOG.info(
                    "This node takes messages again, after {} seconds without",
                    Duration.ofNanos(System.nanoTime() - pausedAt).toSeconds());
        }
        pause = reason;
        // Each time: routes that were started meanwhile have to pause too.
        if (reason == null) {
            consumers.resume();
        } else {
            consumers.pause();
        }
    }

    private @Nullable String reason() {
        GuardedDataSource guarded = database.guarded().orElse(null);
        if (guarded != null && guarded.isAway()) {
            try (Connection connection = guarded.getConnection()) {
                LOG.debug("The database answers again: {}", connection);
            } catch (SQLException stillAway) {
                return "The database is away";
            }
        }
        return disk.isShort() ? disk.shortage() : null;
    }
}
