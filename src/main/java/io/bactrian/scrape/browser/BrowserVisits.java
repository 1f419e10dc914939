package io.bactrian.scrape.browser;

import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.RobotsVerdict;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Visits pages that robots.txt allows, directly or through a proxy. Safe for use by many threads. */
final class BrowserVisits {
    private final BrowserPool pool;
    private final RobotsTxt robots;
    private final Proxies proxies;
    private final Clock clock;

    BrowserVisits(BrowserPool pool, RobotsTxt robots, Proxies proxies, Clock clock) {
        this.pool = pool;
        this.robots = robots;
        this.proxies = proxies;
        this.clock = clock;
    }

    /**
     * Visits a page, as soon as a browser is free for it.
     *
     * @throws EgressFailedException if its robots.txt, or a proxy, cannot be had
     */
    Visited visit(Errand errand) {
        if (errand.options().respectRobotsTxt()) {
            RobotsVerdict verdict =
                    robots.check(errand.asked(), Deadline.in(errand.options().timeout()));
            if (!verdict.allowed()) {
                return new Visited.Failed(
                        PageFailure.of(ErrorCode.ROBOTS_DISALLOWED, verdict.reason()),
                        new PageMetadata(
                                null,
                                null,
                                null,
                                clock.instant(),
                                0,
                                errand.page().attempt()));
            }
        }
        @Nullable ProxyRotation rotation = errand.options().proxies();
        return rotation == null || !proxies.configured(rotation.pool())
                ? pool.visit(errand, null)
                : visitThroughProxies(errand, rotation);
    }

    private Visited visitThroughProxies(Errand errand, ProxyRotation rotation) {
        Set<UpstreamProxy> failed = new HashSet<>();
        while (true) {
            @Nullable UpstreamProxy proxy = proxies.choose(rotation, errand.lane());
            if (proxy == null || failed.contains(proxy)) {
                throw new EgressFailedException(
                        Reason.PROXY_UNAVAILABLE, "None of the configured proxies can be used at the moment.");
            }
            Visited visited = pool.visit(errand, proxy);
            if (!(visited instanceof Visited.Failed failure
                    && failure.failure().code() == ErrorCode.PROXY_UNAVAILABLE)) {
                proxies.succeeded(proxy);
                return visited;
            }
            proxies.failed(proxy);
            failed.add(proxy);
        }
    }
}
