package io.bactrian.task;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostPace;
import io.bactrian.scrape.polite.Turn;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one lane's pages: on the clock of their host, and on that of the task's own {@code rate_limit}.
 *
 * <p>The lane has at most one slot booked on each clock. Its other pages for that host wait for this one without a slot, so
 * that who comes later does not stand behind all of them. A page that needs both turns takes the task's first; while it then
 * waits for the host's, the task's clock is held, because its turn is not used before.
 *
 * <p>Belongs to one step, and so to one thread.
 */
final class LanePace {
    private final HostClock hosts;
    private final UUID id;
    private final RunningTask task;
    private final Map<String, Instant> booked = new HashMap<>();
    private @Nullable HostPace leasedFrom;
    private @Nullable String lease;

    LanePace(HostClock hosts, UUID id, RunningTask task, List<DeferredPage> deferred) {
        this.hosts = hosts;
        this.id = id;
        this.task = task;
        for (DeferredPage page : deferred) {
            if (page.booked() != null) {
                booked.put(page.booked(), page.notBefore());
            }
        }
    }

    /** Whether each request to the host of a URL needs a turn of its own. */
    boolean takesTurns(HttpUrl url) {
        return task.rateLimit() != null || hosts.isLimited(url);
    }

    /** Takes the page's turn and gives null, or gives the page with the time at which it is to come back. */
    @Nullable
    DeferredPage later(DeferredPage page) {
        if (page.booked() != null) {
            booked.remove(page.booked());
        }
        HostPace host = hosts.paceOf(page.nextUrl(), task.options().respectRobotsTxt());
        if (host == null) {
            return null;
        }
        Instant before = booked.get(host.key());
        if (before != null) {
            return page.until(before, null);
        }
        HostPace own = task.rateLimit() == null ? null : host.ofTask(id.toString(), task.rateLimit());
        if (own != null && !host.key().equals(page.booked())) {
            DeferredPage later = ask(own, page);
            if (later != null) {
                return later;
            }
        }
        DeferredPage later = host.limited() ? ask(host, page) : null;
        if (later != null && own != null) {
            hosts.hold(own, later.notBefore().plus(own.interval()));
        }
        return later;
    }

    private @Nullable DeferredPage ask(HostPace pace, DeferredPage page) {
        Instant before = booked.get(pace.key());
        if (before != null) {
            return page.until(before, null);
        }
        return switch (hosts.take(
                pace, pace.key().equals(page.booked()), task.options().timeout())) {
            case Turn.Now now -> {
                if (now.lease() != null) {
                    leasedFrom = pace;
                    lease = now.lease();
                }
                yield null;
            }
            case Turn.Later later -> {
                booked.put(pace.key(), later.slot());
                yield page.until(later.slot(), pace.key());
            }
        };
    }

    /** The request that went out last has ended. */
    void ended() {
        if (leasedFrom != null && lease != null) {
            hosts.release(leasedFrom, lease);
        }
        leasedFrom = null;
        lease = null;
    }

    /** Leaves the host that has answered so alone, where it is too busy (429, 503) and said until when. */
    void leaveAlone(Outcome.Failed failed, Instant until) {
        Integer status = failed.metadata().statusCode();
        String url = failed.metadata().finalUrl();
        if (failed.retryAfter() == null || status == null || url == null || (status != 429 && status != 503)) {
            return;
        }
        HostPace pace = hosts.paceOf(url, false);
        if (pace != null && pace.limited()) {
            hosts.hold(pace, until);
        }
    }
}
