package io.bactrian.scrape.browser;

import com.microsoft.playwright.PlaywrightException;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.page.PageFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one browser, which does one page after another.
 *
 * <p>The browser is launched with the first page, replaced after so many, and closed when there is nothing to do. Its context
 * is kept for the pages of one lane, and closed when another lane comes or none for a few seconds.
 */
final class BrowserWorker {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserWorker.class);
    private static final Duration IDLE_TAB = Duration.ofSeconds(3);

    private final BrowserPool pool;
    private final BrowserProperties settings;

    private volatile @Nullable String lane;
    private volatile @Nullable BrowserProcess browser;
    private @Nullable Tab tab;
    private int pages;

    BrowserWorker(BrowserPool pool, BrowserProperties settings) {
        this.pool = pool;
        this.settings = settings;
    }

    /** The lane whose context is open, or null. */
    @Nullable
    String lane() {
        return lane;
    }

    /** Kills the browser, whatever it does. */
    void kill() {
        @Nullable BrowserProcess running = browser;
        if (running != null) {
            running.kill();
        }
    }

    /** Works until there has been nothing to do for a while. */
    void run() {
        try {
            boolean on = true;
            while (on) {
                Duration patience = tab != null ? IDLE_TAB : browser != null ? settings.idleTimeout() : Duration.ZERO;
                BrowserPool.@Nullable Job job = pool.take(this, patience);
                if (job != null) {
                    serve(job);
                } else if (tab != null && !pool.isClosing()) {
                    closeTab();
                } else if (browser != null) {
                    closeBrowser();
                } else {
                    on = !pool.leave(this);
                }
            }
        } finally {
            closeBrowser();
        }
    }

    private void serve(BrowserPool.Job job) {
        try {
            Visited visited = visit(job.errand(), job.upstream());
            job.outcome().complete(visited);
            tidy(!(visited instanceof Visited.Failed));
        } catch (RuntimeException | Error failure) {
            job.outcome().completeExceptionally(failure);
            closeBrowser();
        }
    }

    /** Leaves the page, whose scripts would go on; the tab is kept only if it lets itself be led away at once. */
    private void tidy(boolean good) {
        @Nullable BrowserProcess running = browser;
        @Nullable Tab open = tab;
        if (running == null || !running.isAlive() || pages >= settings.pagesPerBrowser()) {
            closeBrowser();
        } else if (open != null && !(good && open.leave())) {
            closeTab();
        }
    }

    private Visited visit(Errand errand, @Nullable UpstreamProxy upstream) {
        BrowserProcess running = running();
        Deadline deadline = Deadline.in(errand.options().timeout());
        Instant fetchedAt = pool.clock().instant();
        long begun = System.nanoTime();
        pages++;
        Watchdog.Watch watch =
                pool.watchdog().over(running, deadline, errand.options().timeout());
        try {
            running.listener().via(upstream);
            running.listener().begin(settings.maxTraffic().toBytes(), () -> watch.killSoon(tooMuch()));
            MainDocument document = pool.document(errand, deadline, running.listener());
            try {
                Tab open = tab(running, errand, upstream);
                Visited visited = new PageVisit(open, errand, document, fetchedAt).run();
                if (visited instanceof Visited.Done) {
                    pool.cookies().keep(open.key(), open.cookies());
                }
                @Nullable PageFailure killed = watch.cause();
                return killed == null ? visited : new Visited.Failed(killed, visited.metadata());
            } catch (PlaywrightException failure) {
                PageFailure why = Optional.ofNullable(watch.cause()).orElseGet(() -> explain(running, failure, errand));
                long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
                return new Visited.Failed(
                        why,
                        new PageMetadata(
                                null,
                                null,
                                null,
                                fetchedAt,
                                millis,
                                errand.page().attempt()));
            }
        } finally {
            watch.close();
            if (watch.cause() != null) {
                closeBrowser();
            }
        }
    }

    private PageFailure tooMuch() {
        return PageFailure.of(
                ErrorCode.TOO_LARGE,
                "The page loads more than " + settings.maxTraffic().toMegabytes() + " MB over the network.");
    }

    /** @throws BrowserDiedException if the browser is dead */
    private PageFailure explain(BrowserProcess running, PlaywrightException failure, Errand errand) {
        if (!running.survives()) {
            throw new BrowserDiedException("The browser died under the page " + errand.asked() + ".", failure);
        }
        if (tab != null && tab.isCrashed()) {
            return PageVisit.crashed();
        }
        if (tab != null && tab.page().isClosed()) {
            return PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The page closes its own tab in the browser.");
        }
        LOG.warn("The browser failed with the page {}", errand.asked(), failure);
        return PageFailure.of(
                ErrorCode.EXTRACTION_FAILED,
                "The browser failed with the page: " + PageFailure.printable(BrowserProcess.firstLine(failure), 200));
    }

    private BrowserProcess running() {
        @Nullable BrowserProcess running = browser;
        if (running != null && !running.isAlive()) {
            closeBrowser();
            running = null;
        }
        if (running == null) {
            running = pool.launch();
            browser = running;
            pages = 0;
        }
        return running;
    }

    private Tab tab(BrowserProcess running, Errand errand, @Nullable UpstreamProxy upstream) {
        Tab.Key key = Tab.Key.of(errand, pool.userAgent(), upstream);
        @Nullable Tab open = tab;
        if (open != null && !open.key().equals(key)) {
            closeTab();
            open = null;
        }
        if (open == null) {
            open = Tab.open(running.browser(), key, pool.cookies().of(key));
            tab = open;
            lane = errand.lane();
        }
        return open;
    }

    private void closeTab() {
        @Nullable Tab open = tab;
        @Nullable BrowserProcess running = browser;
        tab = null;
        lane = null;
        if (open != null && running != null) {
            try {
                pool.watchdog().bounded(running, open::close);
            } catch (PlaywrightException gone) {
                LOG.debug("A tab was gone before it was closed", gone);
                closeBrowser();
            }
        }
    }

    private void closeBrowser() {
        @Nullable BrowserProcess running = browser;
        browser = null;
        tab = null;
        lane = null;
        if (running != null) {
            pool.watchdog().bounded(running, running::close);
        }
    }
}
