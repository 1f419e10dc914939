package io.bactrian.flow;

import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Counts the visitors that a site's pages have at once; each page takes its time and is titled by its own query. */
final class Visitors {
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger all = new AtomicInteger();

    /** A page that takes that long. */
    Behaviour page(Duration latency) {
        return (request, socket, out) -> {
            all.incrementAndGet();
            most.accumulateAndGet(present.incrementAndGet(), Math::max);
            try {
                LockSupport.parkNanos(latency.toNanos());
            } finally {
                present.decrementAndGet();
            }
            return Behaviours.page("<h1>" + request.target() + "</h1>").answer(request, socket, out);
        };
    }

    /** How many were there at once, at most. */
    int most() {
        return most.get();
    }

    /** How many have come so far. */
    int all() {
        return all.get();
    }

    /** That many different addresses of one page. */
    static List<String> urls(String page, int count) {
        return IntStream.range(0, count).mapToObj(n -> page + "?n=" + n).toList();
    }
}
