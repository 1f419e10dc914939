package io.bactrian.task;

import io.bactrian.OneByOne;
import io.bactrian.egress.HttpUrl;
import io.bactrian.outbox.ReturnTime;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One step of one lane: the pages that it may scrape now, handed out one after another, and what came of them.
 *
 * <p>The pages end when the batch is done, and earlier when the task is no longer running, when the step has taken its
 * share of time, or when its rows have grown large: then they are stored, and the lane goes on with its next token. A step
 * belongs to one thread.
 */
public final class LaneStep {
    /** How long a step holds its consumer before others have their turn; also how far progress lags behind. */
    private static final Duration SLICE = Duration.ofSeconds(2);

    /** Characters of rows that a step holds in memory at most, by the time the next page begins. */
    private static final long MOST_CHARACTERS = 2L << 20;

    /** Pages that a lane keeps for later at most; it takes no new ones until some of them are done. */
    static final int MOST_DEFERRED = 50;

    /** Deaths of browsers under one page after which the page is to blame. */
    private static final int MOST_DEATHS = 3;

    private final LaneToken token;
    private final RunningTask task;
    private final Deque<DeferredPage> due = new ArrayDeque<>();
    private final List<DeferredPage> deferred = new ArrayList<>();
    private final List<String> batch;
    private final int first;
    private final int end;
    private final Instant tokenDue;
    private final Instant taken;
    private final LanePace pace;
    private final BooleanSupplier stopping;
    private final @Nullable Runnable leave;
    private final @Nullable Instant nextLook;
    private final BooleanSupplier running;
    private final Clock clock;
    private final List<Row> rows = new ArrayList<>();
    private final Pages pages = new Pages();
    private final long began = System.nanoTime();
    private int next;
    private int handedOut;
    private int absent;
    private long characters;
    private boolean cancelled;
    private @Nullable DeferredPage current;

    /**
     * A page with its row: either data or an error.
     *
     * @param position as in {@link DeferredPage}
     */
    record Row(int position, String url, int attempt, Outcome outcome) {}

    /**
     * @param next the position of the first page of the batch that is not done
     * @param end the position after the batch's last page
     * @param tokenDue when the token was due
     * @param batch the URLs from {@code next} to {@code end}
     * @param stopping whether the process has begun to stop
     * @param leave gives back what the step takes of its node, or null where it takes nothing
     * @param nextLook when the lane may ask for a place again, or null where the step may scrape
     * @param running whether the task still runs
     */
    LaneStep(
            LaneToken token,
            RunningTask task,
            int next,
            int end,
            Instant tokenDue,
            List<String> batch,
            List<DeferredPage> deferred,
            LanePace pace,
            BooleanSupplier stopping,
            @Nullable Runnable leave,
            @Nullable Instant nextLook,
            BooleanSupplier running,
            Clock clock) {
        this.token = token;
        this.task = task;
        this.first = next;
        this.next = next;
        this.end = end;
        this.tokenDue = tokenDue;
        this.batch = batch;
        this.pace = pace;
        this.stopping = stopping;
        this.leave = leave;
        this.nextLook = nextLook;
        this.running = running;
        this.clock = clock;
        this.taken = clock.instant();
        for (DeferredPage page : deferred) {
            if (page.notBefore().isAfter(taken)) {
                this.deferred.add(page);
            } else if (page.booked() == null) {
                due.addLast(page);
            } else {
                // Its slot is now; those without one can only wait behind it.
                due.addFirst(page);
            }
        }
    }

    /** The pages to scrape, first those whose wait is over; each is chosen when the one before has its outcome. */
    public Iterator<PageRequest> pages() {
        return pages;
    }

    /** The pages as requests; one without an outcome is the last. */
    private final class Pages extends OneByOne<PageRequest> {
        @Override
        protected @Nullable PageRequest choose() {
            DeferredPage page = chooseOne();
            current = page;
            if (page == null) {
                return null;
            }
            handedOut++;
            return new PageRequest(
                    page.url(),
                    task.options(),
                    task.plan(),
                    page.attempt(),
                    token.laneId(),
                    task.account().toString(),
                    page.hop(),
                    pace::takesTurns,
                    task.root(page));
        }

        private void haveOutcome() {
            current = null;
            answered();
        }
    }

    /** Takes what came of the page that was handed out last. */
    void add(Outcome outcome, Retries retries, RandomGenerator random) {
        DeferredPage page = Objects.requireNonNull(current, "The step has handed out no page.");
        pages.haveOutcome();
        pace.ended();
        if (outcome instanceof Outcome.Unfinished unfinished) {
            due.addFirst(page.from(unfinished.next()));
            return;
        }
        if (stopping.getAsBoolean() && mayComeOfAStop(outcome)) {
            // The page is the next process's, from the attempt that it was in.
            due.addFirst(page);
            return;
        }
        if (outcome instanceof Outcome.BrowserDied died) {
            browserDied(page, died, retries, random);
            return;
        }
        if (outcome instanceof Outcome.Failed failed) {
            Duration wait = retries.after(page.attempt(), failed.retryAfter(), random);
            Instant until = clock.instant().plus(wait);
            pace.leaveAlone(failed, until);
            if (failed.retryable() && page.attempt() <= task.retryAttempts()) {
                deferred.add(page.again(until));
                return;
            }
        }
        if (outcome instanceof Outcome.Scraped scraped) {
            characters += scraped.data().length();
        }
        keep(page, outcome);
    }

    private static boolean mayComeOfAStop(Outcome outcome) {
        return outcome instanceof Outcome.BrowserDied
                || (outcome instanceof Outcome.Failed failed && failed.retryable());
    }

    /** A death may be anybody's fault, such as that of whoever kills processes; so many in a row are the page's. */
    private void browserDied(DeferredPage page, Outcome.BrowserDied died, Retries retries, RandomGenerator random) {
        int deaths = page.deaths() + 1;
        if (deaths < MOST_DEATHS) {
            deferred.add(page.afterDeath(clock.instant().plus(retries.after(deaths, null, random))));
        } else {
            String message = "The browser has died under the page %d times.".formatted(deaths);
            keep(page, new Outcome.Failed(ErrorCode.EXTRACTION_FAILED, message, false, null, died.metadata()));
        }
    }

    private void keep(DeferredPage page, Outcome outcome) {
        rows.add(new Row(page.position(), page.url(), page.attempt(), outcome));
        if (task.pagesOfUrl() > 1) {
            goOn(page, outcome);
        }
    }

    /** Goes on with the next page at once, or notes that the URL has no more of them. */
    private void goOn(DeferredPage page, Outcome outcome) {
        int left = task.pagesOfUrl() - 1 - page.position() % task.pagesOfUrl();
        DeferredPage further = left > 0 && outcome instanceof Outcome.Scraped scraped && scraped.next() != null
                ? page.following(scraped.next(), root(page))
                : null;
        if (further == null) {
            absent += left;
        } else {
            due.addFirst(further);
        }
    }

    /** The origin that a page's headers and cookies are for; the page has been scraped, so its URL has one. */
    private String root(DeferredPage page) {
        String root = task.root(page);
        return root == null ? HttpUrl.parse(page.url()).origin() : root;
    }

    private @Nullable DeferredPage chooseOne() {
        if (!running.getAsBoolean()) {
            cancelled = true;
            return null;
        }
        while (!due.isEmpty() || (next < end && deferred.size() < MOST_DEFERRED)) {
            if (handedOut > 0 && (System.nanoTime() - began > SLICE.toNanos() || characters > MOST_CHARACTERS)) {
                return null;
            }
            if (nextLook != null || stopping.getAsBoolean() || !running.getAsBoolean()) {
                return null;
            }
            DeferredPage page;
            if (!due.isEmpty()) {
                page = due.removeFirst();
            } else {
                page = DeferredPage.first(next * task.pagesOfUrl(), batch.get(batch.size() - (end - next)));
                next++;
            }
            DeferredPage later = pace.later(page);
            if (later == null) {
                return page;
            }
            deferred.add(later);
        }
        return null;
    }

    /** Gives back what the step takes of its node. */
    void leave() {
        if (leave != null) {
            leave.run();
        }
    }

    LaneToken token() {
        return token;
    }

    RunningTask task() {
        return task;
    }

    List<Row> rows() {
        return rows;
    }

    /** Whether the step has ended because its task was cancelled; then its lane takes no further step. */
    boolean cancelled() {
        return cancelled;
    }

    /** Whether the step has neither asked for a page nor given one of its batch its turn. */
    boolean foundNothingToDo() {
        return handedOut == 0 && next == first;
    }

    /** When its token comes back if it found nothing to do. */
    ReturnTime returnTime(Instant due) {
        return ReturnTime.afterNothing(tokenDue, nextLook != null && nextLook.isAfter(due) ? nextLook : due, taken);
    }

    /** How many of the pages that URLs may have turned out not to exist. */
    int absent() {
        return absent;
    }

    /** The pages that are kept for later, those included whose wait is over but whose turn did not come. */
    List<DeferredPage> remaining() {
        List<DeferredPage> remaining = new ArrayList<>(due);
        remaining.addAll(deferred);
        return remaining;
    }

    int next() {
        return next;
    }

    int end() {
        return end;
    }
}
