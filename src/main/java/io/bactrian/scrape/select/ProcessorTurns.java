package io.bactrian.scrape.select;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The processors of this node as turns that accounts take one after another, so that an account with much work does not make
 * the work of others slower than its own.
 *
 * <p>A turn lasts as long as no other account waits; then its holder rests after a slice of time, and the account that has
 * waited for longest goes on. Among the pages of one account, one that has begun goes on before any other begins: half-done
 * pages are what fills the memory. Safe for use by many threads.
 */
final class ProcessorTurns {
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Deque<Waiter>> waiting = new LinkedHashMap<>();
    private int free;
    private volatile boolean wanted;

    ProcessorTurns(int processors) {
        this.free = processors;
    }

    /** Each is told by itself: there are as many as consumers, and one goes on at a time. */
    private final class Waiter {
        private final Condition granting = lock.newCondition();
        private boolean granted;
    }

    /** Waits for a turn of an account. */
    Turn take(String account) throws InterruptedException {
        return take(account, Long.MAX_VALUE).orElseThrow();
    }

    /** Waits for a turn of an account, or gives nothing where none came within the time. */
    Optional<Turn> take(String account, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (free > 0) {
                free--;
                return Optional.of(new Turn(account));
            }
            Waiter waiter = new Waiter();
            waiting.computeIfAbsent(account, key -> new ArrayDeque<>()).addLast(waiter);
            wanted = true;
            return await(account, waiter, nanos) ? Optional.of(new Turn(account)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** A turn of the thread that has taken it, ended by closing it. */
    final class Turn implements AutoCloseable {
        private final String account;
        private boolean held = true;
        private long begun = System.nanoTime();

        private Turn(String account) {
            this.account = account;
        }

        /** Lets another account have its turn, if one waits and this turn has lasted for its slice. */
        void rest() throws InterruptedException {
            if (!wanted || System.nanoTime() - begun <= SLICE) {
                return;
            }
            lock.lockInterruptibly();
            try {
                Deque<Waiter> own = waiting.remove(account);
                if (waiting.isEmpty()) {
                    if (own != null) {
                        waiting.put(account, own);
                    }
                } else {
                    held = false;
                    release();
                    Waiter waiter = new Waiter();
                    Deque<Waiter> waiters = own == null ? new ArrayDeque<>() : own;
                    waiters.addFirst(waiter);
                    waiting.put(account, waiters);
                    wanted = true;
                    held = await(account, waiter, Long.MAX_VALUE);
                }
                begun = System.nanoTime();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            if (held) {
                held = false;
                release();
            }
        }
    }

    /** Whether a page of an account waits. */
    boolean waits(String account) {
        lock.lock();
        try {
            return waiting.containsKey(account);
        } finally {
            lock.unlock();
        }
    }

    private boolean await(String account, Waiter waiter, long nanos) throws InterruptedException {
        try {
            for (long left = nanos; !waiter.granted && left > 0; ) {
                left = waiter.granting.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            if (waiter.granted) {
                release();
            } else {
                forget(account, waiter);
            }
            throw interrupted;
        }
        if (!waiter.granted) {
            forget(account, waiter);
        }
        return waiter.granted;
    }

    private void forget(String account, Waiter waiter) {
        waiting.computeIfPresent(account, (key, waiters) -> {
            waiters.remove(waiter);
            return waiters.isEmpty() ? null : waiters;
        });
        wanted = !waiting.isEmpty();
    }

    private void release() {
        lock.lock();
        try {
            if (waiting.isEmpty()) {
                free++;
                return;
            }
            String account = waiting.keySet().iterator().next();
            Deque<Waiter> waiters = Objects.requireNonNull(waiting.remove(account));
            Waiter next = waiters.remove();
            next.granted = true;
            next.granting.signal();
            if (!waiters.isEmpty()) {
                // Behind all other accounts.
                waiting.put(account, waiters);
            }
            wanted = !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
