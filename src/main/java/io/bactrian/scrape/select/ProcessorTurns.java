package io.bactrian.scrape.select;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The processors of this node as turns that accounts take one after another, so that an account with much work does not make
 * the work of others slower than its own.
 *
 * <p>A turn lasts as long as nobody else waits; then its holder rests after a slice of time, and the account that has waited
 * for longest goes on. Safe for use by many threads.
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
        Turn turn = new Turn(account);
        turn.begin();
        return turn;
    }

    /** A turn of the thread that has taken it, ended by closing it. */
    final class Turn implements AutoCloseable {
        private final String account;
        private boolean held;
        private long begun;

        private Turn(String account) {
            this.account = account;
        }

        private void begin() throws InterruptedException {
            await(account);
            held = true;
            begun = System.nanoTime();
        }

        /** Lets another have its turn, if somebody waits and this one has lasted for its slice. */
        void rest() throws InterruptedException {
            if (wanted && System.nanoTime() - begun > SLICE) {
                close();
                begin();
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

    private void await(String account) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (free > 0) {
                free--;
                return;
            }
            Waiter waiter = new Waiter();
            waiting.computeIfAbsent(account, key -> new ArrayDeque<>()).add(waiter);
            wanted = true;
            try {
                while (!waiter.granted) {
                    waiter.granting.await();
                }
            } catch (InterruptedException interrupted) {
                if (waiter.granted) {
                    release();
                } else {
                    forget(account, waiter);
                }
                throw interrupted;
            }
        } finally {
            lock.unlock();
        }
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
