package io.bactrian.ops;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * The time in which the process must have ended after it was asked to; then it is halted, whatever hangs, and the log shows
 * what was still running.
 *
 * <p>It is a shutdown hook of its own, in place before anything else starts, and needs nothing of what is being stopped.
 */
final class ShutdownDeadline {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownDeadline.class);

    /** Below the 30 seconds after which Kubernetes kills without a word. */
    private static final Duration DEFAULT = Duration.ofSeconds(25);

    /** Writing to a log can hang, too. */
    private static final Duration LONGEST_REPORT = Duration.ofSeconds(3);

    private final Duration deadline;
    private final Thread hook = Thread.ofPlatform().name("shutdown-deadline").unstarted(this::begin);
    private volatile Supplier<List<String>> underWay = List::of;

    private ShutdownDeadline(Duration deadline) {
        this.deadline = deadline;
    }

    /** Puts the deadline in place for each application of this process, before the embedded servers start. */
    static final class Installer implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {
        @Override
        public void initialize(ConfigurableApplicationContext context) {
            ShutdownDeadline installed = new ShutdownDeadline(
                    context.getEnvironment().getProperty("bactrian.shutdown.deadline", Duration.class, DEFAULT));
            Runtime.getRuntime().addShutdownHook(installed.hook);
            DefaultSingletonBeanRegistry beans = (DefaultSingletonBeanRegistry) context.getBeanFactory();
            beans.registerSingleton("shutdownDeadline", installed);
            // The first that is registered is the last that is destroyed.
            beans.registerDisposableBean("shutdownDeadline", installed::remove);
        }

        @Override
        public int getOrder() {
            return HIGHEST_PRECEDENCE;
        }
    }

    /** @param underWay what the report shows beside the threads */
    void tells(Supplier<List<String>> underWay) {
        this.underWay = underWay;
    }

    /** A hook that waited would itself keep the process from ending: the wait is a daemon's. */
    private void begin() {
        Thread.ofPlatform().daemon().name("shutdown-deadline-wait").start(this::enforce);
    }

    private void enforce() {
        try {
            Thread.sleep(deadline);
            Thread report = Thread.ofPlatform().daemon().name("shutdown-report").start(this::report);
            report.join(LONGEST_REPORT);
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(WorkWatch.STATUS);
        }
    }

    private void report() {
        LOG.error(
                "The process has not ended within the {} s of bactrian.shutdown.deadline and is halted; what it was doing is"
                        + " done again after the next start. Still running:\n{}",
                deadline.toSeconds(),
                Stream.concat(underWay.get().stream(), ThreadDump.busy().stream())
                        .collect(Collectors.joining("\n")));
    }

    /** An application that was closed while the process goes on leaves nothing behind. */
    private void remove() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            LOG.debug("The process is being shut down, and its deadline stays", shuttingDown);
        }
    }
}
