package io.bactrian.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Watches the steps of the routes that take work, and acts on those that do not return: after {@code longest-step} the node is
 * unhealthy, the log shows where the step is, and its thread is interrupted; after {@code exit-after} the process ends.
 *
 * <p>It runs on a thread of its own, and its time stands still while the whole process does: a machine that slept has no stuck
 * steps. Safe for use by many threads.
 */
@Component
@EnableConfigurationProperties(WorkProperties.class)
final class WorkWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkWatch.class);
    private static final Duration LONGEST_PERIOD = Duration.ofSeconds(5);

    /** The status of a process that could not go on or not stop in order: EX_SOFTWARE of sysexits.h. */
    static final int STATUS = 70;

    private final WorkProperties limits;
    private final Clock clock;
    private final Runnable exit;
    private final Duration period;
    private final Set<WorkStep> steps = ConcurrentHashMap.newKeySet();
    private final Thread ticks = Thread.ofPlatform().daemon().name("work-watch").unstarted(this::lookFromTimeToTime);

    private volatile Duration now = Duration.ZERO;
    private boolean exiting;

    @Autowired
    WorkWatch(WorkProperties limits, MeterRegistry meters, ShutdownDeadline shutdown, Clock clock) {
        this(limits, meters, clock, WorkWatch::exit);
        shutdown.tells(this::underWay);
        ticks.start();
    }

    /** A watch that looks when it is told to. */
    WorkWatch(WorkProperties limits, MeterRegistry meters, Clock clock, Runnable exit) {
        this.limits = limits;
        this.clock = clock;
        this.exit = exit;
        Duration quarter = limits.longestStep().dividedBy(4);
        this.period = quarter.compareTo(LONGEST_PERIOD) < 0 ? quarter : LONGEST_PERIOD;
        Gauge.builder("bactrian.work.stuck", this, watch -> watch.stuck().size())
                .description("Steps of this node's routes that have not returned within bactrian.work.longest-step")
                .register(meters);
    }

    private void lookFromTimeToTime() {
        long lookedAt = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(period);
                long at = System.nanoTime();
                look(Duration.ofNanos(at - lookedAt));
                lookedAt = at;
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** A step that the calling thread begins. */
    WorkStep begin(String route) {
        WorkStep step = new WorkStep(route, now);
        steps.add(step);
        return step;
    }

    void end(WorkStep step) {
        steps.remove(step);
        step.end();
    }

    /** Looks at all steps, a while after the last look. */
    synchronized void look(Duration passed) {
        Duration most = period.multipliedBy(2);
        now = now.plus(passed.compareTo(most) < 0 ? passed : most);
        // A thread that is gone ended without a word, and works on nothing.
        steps.removeIf(WorkStep::isAbandoned);
        for (WorkStep step : steps) {
            Duration age = age(step);
            if (age.compareTo(limits.longestStep()) > 0 && step.interrupt()) {
                LOG.warn(
                        "{}, longer than bactrian.work.longest-step allows; its thread, shown below, is interrupted",
                        describe(step),
                        where(step));
            }
            if (age.compareTo(limits.exitAfter()) > 0 && step.isStuck() && !exiting) {
                exiting = true;
                LOG.error(
                        "{}, and an interrupt did not end it: the process ends, so that its supervisor starts another;"
                                + " the work is still in its queue",
                        describe(step),
                        where(step));
                exit.run();
            }
        }
    }

    /** What is stuck, a sentence each. */
    List<String> stuck() {
        return steps.stream().filter(WorkStep::isStuck).map(this::describe).toList();
    }

    /** The steps under way, the oldest first, with where their threads are. */
    List<String> underWay() {
        return steps.stream()
                .sorted(Comparator.comparing(WorkStep::begun))
                .map(step -> describe(step) + ThreadDump.frames(step.stack()))
                .toList();
    }

    private String describe(WorkStep step) {
        Duration age = age(step);
        return "The route %s has been in one step since %s (%d s)"
                .formatted(step.route(), clock.instant().minus(age), age.toSeconds());
    }

    private Duration age(WorkStep step) {
        return now.minus(step.begun());
    }

    private static Throwable where(WorkStep step) {
        Throwable where = new Throwable("where the step is");
        where.setStackTrace(step.stack());
        return where;
    }

    /** On a thread of its own: an exit waits for the beans to be destroyed, and this watch is one of them. */
    private static void exit() {
        Thread.ofPlatform().daemon().name("exit").start(() -> System.exit(STATUS));
    }

    @Override
    public void close() {
        ticks.interrupt();
    }
}
