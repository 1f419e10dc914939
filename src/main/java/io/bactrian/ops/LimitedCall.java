package io.bactrian.ops;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call that may hang, made on a thread of its own and given up after a limit.
 *
 * <p>As long as a call that was given up runs, no other is begun: however often a part that hangs is asked, one thread at most
 * waits for it. It is not interrupted, because connection pools then throw away connections that nothing is wrong with; the
 * call should end by time limits of its own.
 */
final class LimitedCall<T> {
    private final String name;
    private final Duration limit;
    private final Callable<T> call;
    private final Semaphore free = new Semaphore(1);

    LimitedCall(String name, Duration limit, Callable<T> call) {
        this.name = name;
        this.limit = limit;
        this.call = call;
    }

    /** A call that is under way. */
    @FunctionalInterface
    interface Attempt<T> {
        /**
         * Waits for what the call gives, until the limit has passed since it was begun.
         *
         * @throws ExecutionException with what the call threw
         * @throws TimeoutException when it has not come back
         */
        T result() throws ExecutionException, TimeoutException, InterruptedException;
    }

    /** Begins the call, and returns at once. */
    Attempt<T> begin() {
        if (!free.tryAcquire()) {
            return () -> {
                throw new TimeoutException("An earlier call is still waiting for its answer");
            };
        }
        long end = System.nanoTime() + limit.toNanos();
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread.ofVirtual().name(name).start(() -> run(future));
        return () -> {
            try {
                return future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new TimeoutException("There was no answer within " + limit.toMillis() + " ms");
            }
        };
    }

    /** Whoever sees the result may begin the next call, so it is given away last. */
    private void run(CompletableFuture<T> future) {
        T value;
        try {
            value = call.call();
        } catch (Exception | Error e) {
            free.release();
            future.completeExceptionally(e);
            return;
        }
        free.release();
        future.complete(value);
    }
}
