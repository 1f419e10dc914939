package io.bactrian.scrape.browser;

import io.bactrian.egress.Deadline;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.PageFailure;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills browsers that do not answer, or take more than they may: what waits for a script in an endless loop waits for ever,
 * and only the death of its process ends it.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    /** What Playwright has to notice by itself that a deadline has passed. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(5);
    private static final long MEMORY_MILLIS = 500;

    private final ScheduledThreadPoolExecutor alarms;
    private final long maxMemory;

    Watchdog(long maxMemory) {
        this.maxMemory = maxMemory;
        this.alarms = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("browser-watchdog").factory());
        alarms.setRemoveOnCancelPolicy(true);
    }

    /** A watch over one page. */
    final class Watch implements AutoCloseable {
        private final BrowserProcess browser;
        private final AtomicReference<@Nullable PageFailure> cause = new AtomicReference<>();
        private final Future<?> alarm;
        private final Future<?> scale;
        private boolean over;

        private Watch(BrowserProcess browser, Deadline deadline, Duration timeout) {
            this.browser = browser;
            this.alarm = alarms.schedule(
                    () -> kill(PageFailure.of(
                            ErrorCode.TIMEOUT,
                            "The page kept the browser busy beyond its timeout of " + timeout.toSeconds()
                                    + " seconds.")),
                    Math.max(0, deadline.remainingNanos()) + GRACE.toNanos(),
                    TimeUnit.NANOSECONDS);
            this.scale =
                    alarms.scheduleWithFixedDelay(this::weigh, MEMORY_MILLIS, MEMORY_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void weigh() {
            if (browser.memory() > maxMemory) {
                kill(PageFailure.of(
                        ErrorCode.TOO_LARGE,
                        "The page takes more than " + (maxMemory >> 20) + " MB of memory in the browser."));
            }
        }

        /** Kills the browser for its page's sake, in a moment and by another thread. */
        void killSoon(PageFailure why) {
            alarms.execute(() -> kill(why));
        }

        private synchronized void kill(PageFailure why) {
            if (!over && cause.compareAndSet(null, why)) {
                LOG.info("A browser is killed: {}", why.message());
                browser.kill();
            }
        }

        /** Why the browser was killed, or null where it was not. */
        @Nullable
        PageFailure cause() {
            return cause.get();
        }

        /** Ends the watch: no kill comes after it, and one that is under way is done, so that the next page is safe from it. */
        @Override
        public synchronized void close() {
            over = true;
            alarm.cancel(false);
            scale.cancel(false);
        }
    }

    Watch over(BrowserProcess browser, Deadline deadline, Duration timeout) {
        return new Watch(browser, deadline, timeout);
    }

    /** Does something that closes a browser or a part of it, and kills it where that takes long. */
    void bounded(BrowserProcess browser, Runnable closing) {
        Future<?> alarm = alarms.schedule(browser::kill, LONGEST_CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        try {
            closing.run();
        } finally {
            alarm.cancel(false);
        }
    }

    @Override
    public void close() {
        alarms.shutdownNow();
    }
}
