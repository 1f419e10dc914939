package io.bactrian.flow;

import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps visitors of a page waiting until it is opened. */
final class Gate {
    private final CountDownLatch visited = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    Behaviour before(Behaviour page) {
        return (request, socket, out) -> {
            visited.countDown();
            try {
                return opened.await(25, TimeUnit.SECONDS) && page.answer(request, socket, out);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        };
    }

    void open() {
        opened.countDown();
    }

    /** Whether somebody has come. */
    boolean visited() {
        return visited.getCount() == 0;
    }
}
