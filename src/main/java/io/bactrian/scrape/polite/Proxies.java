package io.bactrian.scrape.polite;

import io.bactrian.egress.UpstreamProxy;
import io.bactrian.scrape.ProxyRotation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The pools of proxies of the configuration, and which of them are healthy.
 *
 * <p>A proxy that could not be used rests, for twice as long after each further failure. When its rest is over it is chosen
 * again; a success, or as much time as the longest rest without a failure, makes its past forgotten. Each node learns for
 * itself. Safe for use by many threads.
 */
@Component
public final class Proxies {
    private static final Logger LOG = LoggerFactory.getLogger(Proxies.class);

    private final Map<String, Pool> pools;
    private final String defaultPool;
    private final Duration rest;
    private final Duration longestRest;
    private final Clock clock;
    private final Map<UpstreamProxy, Rest> resting = new ConcurrentHashMap<>();

    /** @throws IllegalArgumentException if a URL of the configuration is none of a proxy; the message names its place */
    @Autowired
    Proxies(ProxyProperties properties, Clock clock) {
        this.pools = properties.pools().entrySet().stream()
                .filter(pool -> !pool.getValue().isEmpty())
                .collect(Collectors.toMap(Map.Entry::getKey, pool -> new Pool(parsed(pool.getKey(), pool.getValue()))));
        this.defaultPool = properties.defaultPool();
        this.rest = properties.rest();
        this.longestRest = properties.longestRest();
        this.clock = clock;
        requirePositive("rest", rest);
        requirePositive("longest-rest", longestRest);
    }

    /** Pools of these URLs by name, with the default rests; the pool of tasks that name none is {@code default}. */
    public static Proxies of(Map<String, List<String>> pools, Clock clock) {
        return new Proxies(ProxyProperties.of(pools), clock);
    }

    private static List<UpstreamProxy> parsed(String pool, List<String> urls) {
        return IntStream.range(0, urls.size())
                .mapToObj(index -> parsed(pool, index, urls.get(index)))
                .toList();
    }

    private static UpstreamProxy parsed(String pool, int index, String url) {
        try {
            return UpstreamProxy.parse(url);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "bactrian.proxies.pools." + pool + "[" + index + "]: " + malformed.getMessage()
                            + ". Correct it in config/proxies.yaml.",
                    malformed);
        }
    }

    private static void requirePositive(String setting, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("bactrian.proxies." + setting + " must be longer than nothing.");
        }
    }

    /**
     * Whether there is such a pool.
     *
     * @param pool its name, or null for the default one
     */
    public boolean configured(@Nullable String pool) {
        return pools.containsKey(name(pool));
    }

    /**
     * A healthy proxy of the rotation's pool: the next one in turn, or the one that the lane keeps while it is healthy.
     *
     * @return null if none is healthy, or there is no such pool
     */
    public @Nullable UpstreamProxy choose(ProxyRotation rotation, String lane) {
        @Nullable Pool pool = pools.get(name(rotation.pool()));
        if (pool == null) {
            return null;
        }
        Instant now = clock.instant();
        return rotation.perLane() ? kept(pool, lane, now) : next(pool, now);
    }

    private String name(@Nullable String pool) {
        return pool == null ? defaultPool : pool;
    }

    private @Nullable UpstreamProxy next(Pool pool, Instant now) {
        int size = pool.proxies().size();
        int first = Math.floorMod(pool.turn().getAndIncrement(), size);
        return IntStream.range(first, first + size)
                .mapToObj(index -> pool.proxies().get(index % size))
                .filter(proxy -> isHealthy(proxy, now))
                .findFirst()
                .orElse(null);
    }

    /** Rendezvous hashing: when a proxy rests, only its own lanes move, and they move back when it has rested. */
    private @Nullable UpstreamProxy kept(Pool pool, String lane, Instant now) {
        return pool.proxies().stream()
                .filter(proxy -> isHealthy(proxy, now))
                .max(Comparator.comparingLong(proxy -> weight(lane, proxy)))
                .orElse(null);
    }

    private static long weight(String lane, UpstreamProxy proxy) {
        // The finalizer of MurmurHash3, for the hashes of similar texts are similar.
        long hash = ((long) lane.hashCode() << 32) ^ (proxy.toString().hashCode() & 0xFFFF_FFFFL);
        hash = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ (hash >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return hash ^ (hash >>> 33);
    }

    private boolean isHealthy(UpstreamProxy proxy, Instant now) {
        @Nullable Rest last = resting.get(proxy);
        return last == null || !now.isBefore(last.until());
    }

    /** Says that a proxy could not be used. While it rests, further failures change nothing: they began before. */
    public void failed(UpstreamProxy proxy) {
        Instant now = clock.instant();
        resting.compute(proxy, (key, last) -> {
            if (last != null && now.isBefore(last.until())) {
                return last;
            }
            boolean forgotten = last == null || !now.isBefore(last.until().plus(longestRest));
            Duration next = forgotten ? rest : last.length().multipliedBy(2);
            Duration length = next.compareTo(longestRest) > 0 ? longestRest : next;
            LOG.warn("The proxy {} could not be used and rests for {}", proxy, length);
            return new Rest(length, now.plus(length));
        });
    }

    /** Says that a proxy was used with success. */
    public void succeeded(UpstreamProxy proxy) {
        if (!resting.isEmpty()) {
            resting.remove(proxy);
        }
    }

    private record Pool(List<UpstreamProxy> proxies, AtomicInteger turn) {
        Pool(List<UpstreamProxy> proxies) {
            this(proxies, new AtomicInteger());
        }
    }

    private record Rest(Duration length, Instant until) {}
}
