package io.bactrian.scrape.select;

import io.bactrian.Shares;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Applies selectors to pages within the memory and the processors that this node has for it.
 *
 * <p>Pages take memory before they are parsed, by an estimate that the parser holds them to, and wait where there is none.
 * Parsing and searching take turns, account by account. Neither an account's many pages nor its hostile ones keep those of
 * others waiting for long.
 *
 * <p>Large pages have half of the processors, one page after another from its beginning to its end: the collector copies what
 * is half done again and again while everybody waits. Safe for use by many threads.
 */
@Component
@EnableConfigurationProperties(ExtractionProperties.class)
public final class Extractor implements AutoCloseable {
    private static final long LONGEST_WAIT = TimeUnit.MINUTES.toNanos(5);

    /** What a small page may unfold to. */
    private static final long LEAST = 2 << 20;

    /** What is large is what a collection of garbage takes noticeable time for. */
    private static final long LARGE = 16 << 20;

    private final Shares bodies;
    private final Shares pages;
    private final long largestPage;
    private final ProcessorTurns turns;
    private final ProcessorTurns largeTurns;

    /**
     * Threads of the system, which it interrupts for others: a virtual one that computes would hold a carrier that requests
     * over HTTP need. At most as many as there are consumers, for each waits for its page.
     */
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("extraction-", 0).factory());

    @Autowired
    public Extractor(ExtractionProperties settings) {
        this.bodies = new Shares(settings.memoryBytes());
        this.pages = new Shares(settings.memoryBytes());
        this.largestPage = settings.memoryBytes() / 3 * 2;
        this.turns = new ProcessorTurns(settings.turns());
        this.largeTurns = new ProcessorTurns(Math.max(1, settings.turns() / 2));
    }

    /**
     * What was found in a page.
     *
     * @param data the text of a JSON object, as {@link SelectorPlan#extract} gives it
     * @param next the next page's URL, or null
     */
    public record Extracted(String data, @Nullable String next) {}

    /** The memory for bodies that are being read, and for those that were read and are not done yet. */
    public Shares bodies() {
        return bodies;
    }

    /**
     * Applies a plan to a page, and looks for the next one.
     *
     * @param account whose page it is
     * @return what was found, or empty where the page had no memory or turn for minutes
     * @throws ExtractionException when the plan cannot be applied
     * @throws PageTooLargeException when the page could never have so much memory
     */
    public Optional<Extracted> extract(String account, PageSource page, SelectorPlan plan, @Nullable NextLink next) {
        long memory = Math.max(LEAST, page.expectedMemory());
        if (memory > largestPage) {
            throw new PageTooLargeException(largestPage);
        }
        try {
            if (memory < LARGE) {
                return inMemory(account, page, memory, plan, next);
            }
            // Before the memory, whose first come would otherwise be one account's many.
            ProcessorTurns.Turn turn = largeTurns.take(account, LONGEST_WAIT).orElse(null);
            if (turn == null) {
                return Optional.empty();
            }
            try (turn) {
                return inMemory(account, page, memory, plan, next);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("The extraction was interrupted.");
        }
    }

    private Optional<Extracted> inMemory(
            String account, PageSource page, long memory, SelectorPlan plan, @Nullable NextLink next)
            throws InterruptedException {
        Shares.Share share = pages.take(account, memory, LONGEST_WAIT).orElse(null);
        if (share == null) {
            return Optional.empty();
        }
        try (share) {
            return Optional.of(onThread(() -> {
                try (ProcessorTurns.Turn turn = turns.take(account)) {
                    Budget budget = new Budget(turn);
                    page.bound(budget, memory);
                    String data = plan.extract(page, budget);
                    return new Extracted(data, next == null ? null : next.in(page, budget));
                }
            }));
        }
    }

    private <T> T onThread(Callable<T> work) throws InterruptedException {
        Future<T> result = threads.submit(work);
        try {
            return result.get();
        } catch (InterruptedException interrupted) {
            result.cancel(true);
            throw interrupted;
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            if (cause instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw new IllegalStateException(cause);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
