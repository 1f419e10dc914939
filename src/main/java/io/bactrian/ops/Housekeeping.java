package io.bactrian.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides over the jobs of housekeeping: which node runs them, how long each goes on, and what is told of its end.
 *
 * <p>A job is a route that begins with a timer and has the job's name. It works in batches, each of which is claimed, done and
 * committed by one call.
 */
@Component
public final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    /** Batches of one run; what is left then is for the next run. */
    static final int MOST_BATCHES = 1_000;

    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Leader leader;
    private final MeterRegistry meters;
    private final Clock clock;

    Housekeeping(Leader leader, MeterRegistry meters, Clock clock) {
        this.leader = leader;
        this.meters = meters;
        this.clock = clock;
    }

    /** @param lastSuccess when it last came to its end, in seconds since the epoch; 0 for never on this node */
    private record Job(Counter failures, AtomicLong lastSuccess) {}

    /** Whether a job is to run now: only on the node that leads. */
    public boolean begin(String job) {
        job(job);
        return leader.leads();
    }

    /**
     * Whether a job does another batch.
     *
     * @param more whether the batch was full, so that there may be more
     * @param batch the number of the batch that was done, from 0
     */
    public boolean goOn(String job, boolean more, int batch) {
        if (more && !leader.leads()) {
            return false;
        }
        if (more && batch + 1 < MOST_BATCHES) {
            return true;
        }
        done(job);
        return false;
    }

    /** Notes that a job has come to its end. */
    public void done(String job) {
        job(job).lastSuccess().set(clock.instant().getEpochSecond());
    }

    /** Tells that a job has failed; others are not concerned, and it runs again at its next time. */
    public void failed(String job, Throwable cause) {
        job(job).failures().increment();
        LOG.error("The housekeeping job {} has failed; it runs again at its next time", job, cause);
    }

    private Job job(String name) {
        return jobs.computeIfAbsent(name, first -> {
            AtomicLong lastSuccess = new AtomicLong();
            Gauge.builder("bactrian.housekeeping.last-success", lastSuccess, AtomicLong::get)
                    .description("When the job last came to its end on this node, in seconds since the epoch")
                    .tag("job", name)
                    .register(meters);
            return new Job(
                    Counter.builder("bactrian.housekeeping.failures")
                            .description("Runs of the job that failed on this node")
                            .tag("job", name)
                            .register(meters),
                    lastSuccess);
        });
    }
}
