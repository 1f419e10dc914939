package io.bactrian.embedded;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.activemq.artemis.core.io.IOCriticalErrorListener;
import org.apache.activemq.artemis.core.server.ActivateCallback;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees an embedded server end that nobody has stopped.
 *
 * <p>A broker whose journal could not be written stops for good, and a PostgreSQL that could not write its log may. A process
 * without them would answer 503 for ever, so it ends and says why.
 */
final class UnexpectedEnd {
    private static final Logger LOG = LoggerFactory.getLogger(UnexpectedEnd.class);

    /** Whoever stops all processes of a machine at once stops PostgreSQL no later than this service. */
    private static final Duration STOP_TOGETHER = Duration.ofSeconds(1);

    /** After so long a stop that hangs is cut short. */
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);

    private static final int STATUS = 1;

    private final AtomicBoolean expected = new AtomicBoolean();
    private final Consumer<String> action;

    /** @param action what is done, once, with the sentence that says what has ended and what to do */
    UnexpectedEnd(Consumer<String> action) {
        this.action = action;
    }

    /** From now on the servers are being stopped. */
    void expect() {
        expected.set(true);
    }

    void watch(ActiveMQServer broker) {
        broker.registerIOCriticalErrorListener(new IOCriticalErrorListener() {
            @Override
            public boolean isPreviouslyFailed() {
                return expected.get();
            }

            @Override
            public void onIOException(Throwable cause, String message, @Nullable String file) {
                ended("The embedded message broker cannot write its files (%s).".formatted(cause.getMessage()));
            }
        });
        broker.registerActivateCallback(new ActivateCallback() {
            @Override
            public void deActivate() {
                ended("The embedded message broker has stopped by itself.");
            }
        });
    }

    void watch(ProcessHandle postgres) {
        Thread.ofVirtual().name("postgres-watch").start(() -> {
            postgres.onExit().join();
            LockSupport.parkNanos(STOP_TOGETHER.toNanos());
            ended("The embedded PostgreSQL has ended by itself.");
        });
    }

    private void ended(String what) {
        if (expected.compareAndSet(false, true)) {
            action.accept(
                    what
                            + " The service ends, because it can do nothing without. See that the disk has room, and start it again.");
        }
    }

    /** Ends the process with a status that tells a supervisor to start it again. */
    static void exit(String sentence) {
        LOG.error(sentence);
        System.err.println("bactrian: " + sentence);
        // Not on the broker's thread: the stop waits for it.
        new Thread(() -> System.exit(STATUS), "unexpected-end").start();
        CompletableFuture.delayedExecutor(STOPS_WITHIN.toSeconds(), TimeUnit.SECONDS)
                .execute(() -> Runtime.getRuntime().halt(STATUS));
    }
}
