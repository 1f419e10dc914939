package io.bactrian.scrape.polite;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.egress.Deadline;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.EgressRefusedException;
import io.bactrian.egress.EgressRequest;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.HttpUrl;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The robots.txt files of the sites that are visited, by RFC 9309.
 *
 * <p>Each origin's file is fetched once, however many threads ask at the same time, and kept for up to a day. A file that
 * does not exist (4xx) allows everything; one that can't be had for trouble on the site's side (5xx, 429, a timeout)
 * disallows everything for a few minutes. If the host itself can't be reached, the caller gets that failure, and nothing is
 * remembered.
 */
@Component
public final class RobotsTxt {
    private static final int MOST_REDIRECTS = 5;
    private static final int LARGEST_FILE = 500 * 1024;
    private static final long LARGEST_CACHE = 64L * 1024 * 1024;
    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(10);

    private final EgressClient client;
    private final UserAgent userAgent;
    private final Clock clock;
    private final Duration fetchTimeout;
    private final AsyncCache<String, RobotsRules> byOrigin;

    @Autowired
    public RobotsTxt(EgressClient client, UserAgent userAgent, Clock clock) {
        this(client, userAgent, clock, FETCH_TIMEOUT);
    }

    RobotsTxt(EgressClient client, UserAgent userAgent, Clock clock, Duration fetchTimeout) {
        this.client = client;
        this.userAgent = userAgent;
        this.clock = clock;
        this.fetchTimeout = fetchTimeout;
        Executor fetchers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("robots-", 0).factory());
        this.byOrigin = Caffeine.newBuilder()
                .executor(fetchers)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumWeight(LARGEST_CACHE)
                .weigher((String origin, RobotsRules rules) -> rules.weight())
                .expireAfterWrite(RobotsRules.FRESH)
                .buildAsync();
    }

    /**
     * Whether a URL may be fetched.
     *
     * @throws EgressRefusedException if the host is one that this service may not connect to
     * @throws EgressFailedException if the host can't be reached, or robots.txt did not come before the deadline
     */
    public RobotsVerdict check(HttpUrl url, Deadline deadline) {
        RobotsRules rules = current(url, deadline);
        return rules.allow(url.pathAndQuery())
                ? new RobotsVerdict(true, "")
                : new RobotsVerdict(false, "The robots.txt of " + url.host() + " " + rules.reason() + ".");
    }

    /** Whether {@link #check} would answer without a request to the host. */
    public boolean knows(HttpUrl url) {
        return known(url) != null;
    }

    /** How long robots.txt asks to wait between two requests, as far as it has been read; zero if it does not ask. */
    public Duration crawlDelay(HttpUrl url) {
        @Nullable RobotsRules rules = known(url);
        return rules == null ? Duration.ZERO : rules.crawlDelay();
    }

    private @Nullable RobotsRules known(HttpUrl url) {
        @Nullable CompletableFuture<RobotsRules> asked = byOrigin.getIfPresent(url.origin());
        if (asked == null || !asked.isDone() || asked.isCompletedExceptionally()) {
            return null;
        }
        RobotsRules rules = asked.join();
        return clock.instant().isBefore(rules.staleFrom()) ? rules : null;
    }

    private RobotsRules current(HttpUrl url, Deadline deadline) {
        while (true) {
            CompletableFuture<RobotsRules> asked = byOrigin.get(
                    url.origin(), (origin, executor) -> CompletableFuture.supplyAsync(() -> fetch(url), executor));
            RobotsRules rules = await(asked, url, deadline);
            if (clock.instant().isBefore(rules.staleFrom())) {
                return rules;
            }
            byOrigin.asMap().remove(url.origin(), asked);
        }
    }

    private static RobotsRules await(CompletableFuture<RobotsRules> asked, HttpUrl url, Deadline deadline) {
        try {
            return asked.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new EgressFailedException(
                    Reason.TIMEOUT, "The robots.txt of " + url.host() + " did not come in time.", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new EgressFailedException(Reason.TIMEOUT, "The request was interrupted.", interrupted);
        } catch (ExecutionException failure) {
            throw renewed(failure);
        }
    }

    /** The same failure with the caller's own stack: one object thrown by many threads would tell of the wrong one. */
    private static RuntimeException renewed(ExecutionException failure) {
        if (failure.getCause() instanceof EgressRefusedException refused) {
            return new EgressRefusedException(String.valueOf(refused.getMessage()));
        }
        if (failure.getCause() instanceof EgressFailedException failed) {
            return new EgressFailedException(failed.reason(), String.valueOf(failed.getMessage()), failed);
        }
        return new IllegalStateException("The robots.txt could not be read.", failure);
    }

    private RobotsRules fetch(HttpUrl page) {
        Deadline deadline = Deadline.in(fetchTimeout);
        HttpUrl url = page.resolve("/robots.txt");
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            EgressResponse response;
            try {
                response = client.execute(request(url, deadline));
            } catch (EgressFailedException failure) {
                if (redirects > 0 || failure.reason() == Reason.TIMEOUT) {
                    return RobotsRules.unavailable(
                            failure.reason() == Reason.TIMEOUT ? "timeout" : "redirect failed", clock.instant());
                }
                throw failure;
            } catch (EgressRefusedException refusal) {
                if (redirects > 0) {
                    return RobotsRules.absent(clock.instant());
                }
                throw refusal;
            }
            @Nullable String location = response.head().header("Location");
            if (!isRedirect(response.status()) || location == null) {
                return rules(url, response);
            }
            try {
                url = url.resolve(location);
            } catch (EgressRefusedException nowhere) {
                return RobotsRules.absent(clock.instant());
            }
        }
        return RobotsRules.absent(clock.instant());
    }

    private EgressRequest request(HttpUrl url, Deadline deadline) {
        return EgressRequest.get(url)
                .header("User-Agent", userAgent.value())
                .header("Accept", "text/plain, */*;q=0.1")
                .header("Accept-Encoding", "gzip, deflate, br")
                .deadline(deadline)
                .bodyLimit(head -> head.status() / 100 == 2 ? LARGEST_FILE : 0)
                .build();
    }

    private RobotsRules rules(HttpUrl url, EgressResponse response) {
        int status = response.status();
        if (status >= 200 && status < 300) {
            return RobotsRules.parsed(
                    url.toString(), response.body(), response.head().header("Content-Type"), clock.instant());
        }
        return status >= 500 || status == 429
                ? RobotsRules.unavailable("HTTP " + status, clock.instant())
                : RobotsRules.absent(clock.instant());
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }
}
