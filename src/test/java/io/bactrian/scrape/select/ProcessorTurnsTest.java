package io.bactrian.scrape.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessorTurnsTest {
    private final ProcessorTurns turns = new ProcessorTurns(1);
    private final ExecutorService pages = Executors.newVirtualThreadPerTaskExecutor();
    private final LinkedBlockingQueue<String> begun = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        pages.shutdownNow();
    }

    /** A page that takes its turn, says so, and ends it. */
    private Future<?> page(String account, String name) {
        return pages.submit(() -> {
            ProcessorTurns.Turn turn = turns.take(account);
            begun.add(name);
            turn.close();
            return null;
        });
    }

    @Test
    void aPageThatHasBegunRestsForOtherAccountsAndGoesOnBeforeAnotherOfItsOwn() throws Exception {
        CountDownLatch othersWait = new CountDownLatch(1);
        CountDownLatch holds = new CountDownLatch(1);
        Future<?> first = pages.submit(() -> {
            try (ProcessorTurns.Turn turn = turns.take("many")) {
                holds.countDown();
                othersWait.await();
                while (begun.isEmpty()) {
                    turn.rest();
                }
                begun.add("first");
            }
            return null;
        });
        holds.await();
        Future<?> second = page("many", "second");
        awaitWaiting("many");
        Future<?> small = page("other", "small");
        awaitWaiting("other");
        othersWait.countDown();
        for (Future<?> page : List.of(first, second, small)) {
            page.get();
        }

        assertThat(begun).containsExactly("small", "first", "second");
    }

    @Test
    void aWaitEndsWithoutATurnWhenItsTimeIsOver() throws InterruptedException {
        try (ProcessorTurns.Turn turn = turns.take("one")) {
            assertThat(turns.take("other", TimeUnit.MILLISECONDS.toNanos(10))).isEmpty();
            turn.rest();
        }

        assertThat(turns.take("other", 0)).isPresent();
    }

    private void awaitWaiting(String account) {
        while (!turns.waits(account)) {
            Thread.onSpinWait();
        }
    }
}
