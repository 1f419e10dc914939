package io.bactrian.scrape.browser;

import io.bactrian.egress.Deadline;
import io.bactrian.egress.ForwardingProxy;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The browsers of this node. A page is handed to one that is free, if possible to the one that has its lane's context open,
 * and waits while there is none. Safe for use by many threads.
 */
final class BrowserPool implements AutoCloseable {
    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(10);

    private final BrowserProperties settings;
    private final ChromiumFinder chromium;
    private final Leftovers leftovers;
    private final ForwardingProxy proxy;
    private final RobotsTxt robots;
    private final String userAgent;
    private final int maxBodySize;
    private final Clock clock;
    private final Watchdog watchdog;
    private final SiteCookies cookies = new SiteCookies();
    private final BrowserAvailability availability = new BrowserAvailability(this::tryOut);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<BrowserWorker> resting = new ArrayList<>();
    private final Set<BrowserWorker> working = new HashSet<>();
    private final Set<BrowserWorker> idle = new HashSet<>();
    private final List<Job> waiting = new ArrayList<>();
    private boolean closing;

    /**
     * A page that waits for a browser.
     *
     * @param upstream the proxy that its connections leave through, or null
     */
    record Job(Errand errand, @Nullable UpstreamProxy upstream, CompletableFuture<Visited> outcome) {}

    BrowserPool(
            BrowserProperties settings,
            ChromiumFinder chromium,
            Path directory,
            ForwardingProxy proxy,
            RobotsTxt robots,
            UserAgent userAgent,
            int maxBodySize,
            Clock clock) {
        this.settings = settings;
        this.chromium = chromium;
        this.leftovers = new Leftovers(directory);
        this.proxy = proxy;
        this.robots = robots;
        this.userAgent = userAgent.value();
        this.maxBodySize = maxBodySize;
        this.clock = clock;
        this.watchdog = new Watchdog(settings.maxMemory().toBytes());
        IntStream.range(0, settings.browsers()).forEach(number -> resting.add(new BrowserWorker(this, settings)));
        leftovers.clean();
    }

    /**
     * Visits a page, as soon as a browser is free for it.
     *
     * @throws BrowserMissingException if there is no browser
     * @throws BrowserFailedException if the browser did not start, or was closed because the service stops
     * @throws BrowserDiedException if the browser died under the page
     */
    Visited visit(Errand errand, @Nullable UpstreamProxy upstream) {
        Job job = new Job(errand, upstream, new CompletableFuture<>());
        lock.lock();
        try {
            if (closing) {
                throw closed();
            }
            waiting.add(job);
            if (idle.size() < waiting.size() && !resting.isEmpty()) {
                start(resting.removeLast());
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return await(job);
    }

    private Visited await(Job job) {
        try {
            return job.outcome().get();
        } catch (InterruptedException interrupted) {
            lock.lock();
            try {
                waiting.remove(job);
            } finally {
                lock.unlock();
            }
            Thread.currentThread().interrupt();
            throw new BrowserFailedException("The visit of a page was interrupted.", interrupted);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof BrowserMissingException missing) {
                throw missing;
            }
            if (isClosing()) {
                // Whoever closes the browsers kills those that are busy.
                throw closed();
            }
            if (failure.getCause() instanceof BrowserFailedException failed) {
                throw failed;
            }
            throw failure.getCause() instanceof BrowserDiedException died
                    ? died
                    : new BrowserDiedException("The browser failed.", failure);
        }
    }

    private void start(BrowserWorker worker) {
        working.add(worker);
        // Playwright belongs to one thread, and waits in ways that would hold a carrier of virtual ones.
        Thread.ofPlatform().daemon().name("browser-" + working.size()).start(worker::run);
    }

    /** The next page for a worker, or null where none came for so long, or the pool is closing. */
    @Nullable
    Job take(BrowserWorker worker, Duration patience) {
        lock.lock();
        try {
            idle.add(worker);
            long left = patience.toNanos();
            @Nullable Job job = choose(worker);
            while (job == null && left > 0 && !closing) {
                left = changed.awaitNanos(left);
                job = choose(worker);
            }
            return job;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            idle.remove(worker);
            lock.unlock();
        }
    }

    /** First a page of the worker's own lane, else the oldest whose lane no other free worker has. */
    private @Nullable Job choose(BrowserWorker worker) {
        @Nullable Job own = poll(job -> job.errand().lane().equals(worker.lane()));
        return own != null
                ? own
                : poll(job -> idle.stream()
                        .noneMatch(other -> !other.equals(worker)
                                && Objects.equals(other.lane(), job.errand().lane())));
    }

    private interface Choice {
        boolean suits(Job job);
    }

    private @Nullable Job poll(Choice choice) {
        for (Iterator<Job> jobs = waiting.iterator(); jobs.hasNext(); ) {
            Job job = jobs.next();
            if (choice.suits(job)) {
                jobs.remove();
                return job;
            }
        }
        return null;
    }

    /** Lets a worker's thread end, unless there is something to do. */
    boolean leave(BrowserWorker worker) {
        lock.lock();
        try {
            if (!waiting.isEmpty() && !closing) {
                return false;
            }
            working.remove(worker);
            resting.add(worker);
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether there are a browser and its driver, and nothing is known that keeps it from starting. */
    boolean available() {
        return availability.isUsable()
                && Driver.isPresent(settings.driver())
                && chromium.find().isPresent();
    }

    BrowserAvailability availability() {
        return availability;
    }

    BrowserProcess launch() {
        try {
            return BrowserProcess.launch(settings, chromium.require(), leftovers, proxy);
        } catch (BrowserMissingException | BrowserFailedException failure) {
            availability.doubt();
            throw failure;
        }
    }

    private void tryOut() {
        BrowserProcess process = BrowserProcess.launch(settings, chromium.require(), leftovers, proxy);
        if (isClosing()) {
            process.kill();
        } else {
            watchdog.bounded(process, process::close);
        }
    }

    MainDocument document(Errand errand, Deadline deadline, ForwardingProxy.Listener listener) {
        return new MainDocument(errand, deadline, robots, listener, maxBodySize, clock);
    }

    Watchdog watchdog() {
        return watchdog;
    }

    SiteCookies cookies() {
        return cookies;
    }

    String userAgent() {
        return userAgent;
    }

    Clock clock() {
        return clock;
    }

    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Closes all browsers; those that still have a page after a moment are killed. */
    @Override
    public void close() {
        availability.close();
        lock.lock();
        try {
            closing = true;
            waiting.forEach(job -> job.outcome().completeExceptionally(closed()));
            waiting.clear();
            changed.signalAll();
            if (!awaitRest(LONGEST_CLOSING.dividedBy(4))) {
                List.copyOf(working).forEach(BrowserWorker::kill);
                awaitRest(LONGEST_CLOSING);
            }
        } catch (InterruptedException interrupted) {
            working.forEach(BrowserWorker::kill);
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        watchdog.close();
        leftovers.close();
    }

    private boolean awaitRest(Duration longest) throws InterruptedException {
        long left = longest.toNanos();
        while (!working.isEmpty() && left > 0) {
            left = changed.awaitNanos(left);
        }
        return working.isEmpty();
    }

    private static BrowserFailedException closed() {
        return new BrowserFailedException("The browsers are closed, for the service is being stopped.");
    }
}
