package io.bactrian;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A number of places or bytes of this node, divided among accounts so that no account has all of them.
 *
 * <p>An account that holds some may hold at most three times what is then left free. One account alone thus gets three
 * quarters, two get three sevenths each, and a newcomer always finds something (the dynamic thresholds of Choudhury and
 * Hahne, 1998). Safe for use by many threads.
 */
public final class Shares {
    private static final int TIMES_THE_REST = 3;

    private final long capacity;
    private final Map<String, Long> held = new HashMap<>();
    private final List<Waiter> waiting = new ArrayList<>();
    private long free;

    public Shares(long capacity) {
        this.capacity = capacity;
        this.free = capacity;
    }

    /** The most that one request may ask for and still be granted while others hold what they may. */
    public long largest() {
        return capacity / (TIMES_THE_REST + 1);
    }

    /** What an account holds, given back by closing it. */
    public final class Share implements AutoCloseable {
        private final String account;
        private final long amount;
        private boolean closed;

        private Share(String account, long amount) {
            this.account = account;
            this.amount = amount;
        }

        @Override
        public void close() {
            synchronized (Shares.this) {
                if (!closed) {
                    closed = true;
                    giveBack(account, amount);
                }
            }
        }
    }

    private static final class Waiter {
        private final String account;
        private final long amount;
        private boolean granted;

        Waiter(String account, long amount) {
            this.account = account;
            this.amount = amount;
        }
    }

    /** A share, or empty where the account may not have so much now. */
    public synchronized Optional<Share> take(String account, long amount) {
        return grant(account, amount) ? Optional.of(new Share(account, amount)) : Optional.empty();
    }

    /** A share, or empty where the account could not have so much within the time. Whoever waits for longest comes first. */
    public synchronized Optional<Share> take(String account, long amount, long nanos) throws InterruptedException {
        if (grant(account, amount)) {
            return Optional.of(new Share(account, amount));
        }
        long end = System.nanoTime() + nanos;
        Waiter waiter = new Waiter(account, amount);
        waiting.add(waiter);
        try {
            for (long left = nanos; !waiter.granted && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException interrupted) {
            if (waiter.granted) {
                giveBack(account, amount);
            }
            throw interrupted;
        } finally {
            waiting.remove(waiter);
        }
        return waiter.granted ? Optional.of(new Share(account, amount)) : Optional.empty();
    }

    private boolean grant(String account, long amount) {
        long already = held.getOrDefault(account, 0L);
        boolean mayHave = amount <= free && (already == 0 || already + amount <= TIMES_THE_REST * (free - amount));
        if (mayHave) {
            free -= amount;
            held.put(account, already + amount);
        }
        return mayHave;
    }

    private void giveBack(String account, long amount) {
        free += amount;
        held.computeIfPresent(account, (key, already) -> already > amount ? already - amount : null);
        boolean granted = false;
        for (Iterator<Waiter> waiters = waiting.iterator(); waiters.hasNext(); ) {
            Waiter waiter = waiters.next();
            if (grant(waiter.account, waiter.amount)) {
                waiter.granted = true;
                granted = true;
                waiters.remove();
            }
        }
        if (granted) {
            notifyAll();
        }
    }
}
