package io.bactrian.ops;

import io.bactrian.outage.DiskSpace;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/**
 * Whether this node can serve: its database, its broker, its workers and its disk, each asked itself.
 *
 * <p>Whoever asks has an answer within the limit of one check, whatever hangs. Parts are asked at most once a second and by
 * one caller at a time, so asking often costs nothing.
 */
@Component
public final class ServiceHealth {
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final ReentrantLock checking = new ReentrantLock();
    private final Probe database;
    private final Probe broker;
    private final Probe workers;
    private final Probe disk;
    private final BrowserRoutes browser;
    private final ScheduleWatch schedules;
    private final String version;
    private final Clock clock;

    private @Nullable HealthReport last;
    private long lastAt;

    ServiceHealth(
            Database database,
            Broker broker,
            Workers workers,
            DiskSpace disk,
            BrowserRoutes browser,
            ScheduleWatch schedules,
            ObjectProvider<BuildProperties> build,
            Clock clock) {
        this.database = new Probe("database", LIMIT, database::check);
        this.broker = new Probe("broker", LIMIT, broker::check);
        this.workers = new Probe("workers", LIMIT, workers::check);
        this.disk = new Probe("disk", LIMIT, disk::requireRoom);
        this.browser = browser;
        this.schedules = schedules;
        BuildProperties properties = build.getIfAvailable();
        this.version = properties == null ? "unknown" : String.valueOf(properties.getVersion());
        this.clock = clock;
    }

    /** Which parts work, as of less than about a second ago. */
    public HealthReport report() {
        checking.lock();
        try {
            HealthReport known = last;
            if (known != null && System.nanoTime() - lastAt < KEPT.toNanos()) {
                return known;
            }
            HealthReport report = check();
            last = report;
            lastAt = System.nanoTime();
            return report;
        } finally {
            checking.unlock();
        }
    }

    private HealthReport check() {
        // All at once: together they take no longer than the slowest.
        LimitedCall.Attempt<Boolean> askedDatabase = database.begin();
        LimitedCall.Attempt<Boolean> askedBroker = broker.begin();
        LimitedCall.Attempt<Boolean> askedWorkers = workers.begin();
        LimitedCall.Attempt<Boolean> askedDisk = disk.begin();
        return new HealthReport(
                version,
                clock.instant(),
                database.healthy(askedDatabase),
                broker.healthy(askedBroker),
                workers.healthy(askedWorkers),
                disk.healthy(askedDisk),
                browser.state(),
                schedules.lastTicks());
    }
}
