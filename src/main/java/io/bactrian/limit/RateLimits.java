package io.bactrian.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Limits how often callers call, by token buckets that all nodes share: every token is taken once, whichever node takes it.
 *
 * <p>A node remembers the buckets that it has used. It writes each change on the condition that the stored bucket is still
 * the remembered one, which takes one round trip, and reads it only where another node has used it since. From an empty bucket
 * nobody can take, and it fills with time alone, so a refusal costs the database nothing.
 *
 * <p>Safe for use by many threads. The nodes' clocks should agree to a second, because tokens come with time.
 */
@Service
public class RateLimits {
    private static final int REMEMBERED = 20_000;
    private static final int LOCKS = 256;

    private final RateLimitProperties properties;
    private final PlanRateLimits plans;
    private final BucketStore store;
    private final Clock clock;

    private final Cache<String, String> remembered =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    /** Buckets that this node keeps for itself. */
    private final Cache<String, String> own =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    private final List<ReentrantLock> locks =
            IntStream.range(0, LOCKS).mapToObj(number -> new ReentrantLock()).toList();

    RateLimits(RateLimitProperties properties, PlanRateLimits plans, BucketStore store, Clock clock) {
        this.properties = properties;
        this.plans = plans;
        this.store = store;
        this.clock = clock;
    }

    /** Whether calls are limited at all. */
    public boolean enabled() {
        return properties.enabled();
    }

    /**
     * Counts a call of an account, and of the key that it was made with: it passes if both have a token left, and then takes
     * one of each; otherwise it takes none.
     *
     * @param key what identifies the key among all keys, or null where none was shown
     * @param planId the account's plan of the class's API
     */
    public RateLimitVerdict ofAccount(RateLimitClass name, UUID accountId, @Nullable String key, String planId) {
        Long planned = plans.of(name, planId);
        List<Quota> quotas = new ArrayList<>();
        quotas.add(quota(name, "account", accountId.toString(), planned == null ? properties.user(name) : planned));
        if (key != null) {
            quotas.add(quota(name, "key", key, planned == null ? properties.key(name) : planned));
        }
        return take(name, quotas);
    }

    /**
     * Counts a call without a valid credential.
     *
     * @param network the address that it comes from, or the block of addresses that one client has for itself
     */
    public RateLimitVerdict ofAddress(RateLimitClass name, String network) {
        return take(name, List.of(quota(name, "address", network, properties.address(name))));
    }

    /**
     * Forgets some of the buckets that are full again; a full bucket is what is not remembered.
     *
     * @return whether there may be more
     */
    public boolean forgetFull() {
        return store.removeExpired();
    }

    private Quota quota(RateLimitClass name, String kind, String who, long tokens) {
        return new Quota(name.id() + ":" + kind + ":" + who, tokens, properties.period());
    }

    private RateLimitVerdict take(RateLimitClass name, List<Quota> quotas) {
        // One at a time within a node, or its own requests would be what changes the bucket in between. A key's bucket
        // is
        // used with its account's only, so the first bucket's lock is enough.
        ReentrantLock lock = locks.get(Math.floorMod(quotas.getFirst().bucket().hashCode(), LOCKS));
        lock.lock();
        try {
            return name == RateLimitClass.HEALTH ? takeOwn(quotas) : takeShared(quotas);
        } finally {
            lock.unlock();
        }
    }

    private RateLimitVerdict takeOwn(List<Quota> quotas) {
        List<TokenBucket> buckets = buckets(quotas, own.getAllPresent(ids(quotas)), clock.instant());
        if (!buckets.stream().allMatch(TokenBucket::hasToken)) {
            return verdict(false, buckets);
        }
        buckets.forEach(TokenBucket::take);
        buckets.forEach(bucket -> own.put(bucket.quota().bucket(), bucket.toText()));
        return verdict(true, buckets);
    }

    /** Ends because each failure to replace a bucket is a token that somebody else has taken, and the bucket has so many. */
    private RateLimitVerdict takeShared(List<Quota> quotas) {
        Map<String, String> states = remembered.getAllPresent(ids(quotas));
        if (states.size() < quotas.size()) {
            states = stored(quotas);
        }
        while (true) {
            List<TokenBucket> buckets = buckets(quotas, states, clock.instant());
            if (!buckets.stream().allMatch(TokenBucket::hasToken)) {
                return verdict(false, buckets);
            }
            buckets.forEach(TokenBucket::take);
            if (replaced(buckets, states)) {
                return verdict(true, buckets);
            }
            states = stored(quotas);
        }
    }

    /** The buckets' states in the database, where each has a row after this. */
    private Map<String, String> stored(List<Quota> quotas) {
        List<String> ids = ids(quotas);
        Map<String, String> states = new HashMap<>(store.read(ids));
        for (Quota quota : quotas) {
            if (!states.containsKey(quota.bucket())) {
                String full = TokenBucket.at(clock.instant(), quota, null).toText();
                store.create(quota.bucket(), full);
                states.put(quota.bucket(), full);
            }
        }
        remembered.putAll(states);
        return states;
    }

    private boolean replaced(List<TokenBucket> buckets, Map<String, String> states) {
        List<BucketStore.Replacement> replacements = new ArrayList<>();
        for (TokenBucket bucket : buckets) {
            String id = bucket.quota().bucket();
            String old = states.get(id);
            if (old == null) {
                return false;
            }
            replacements.add(new BucketStore.Replacement(id, old, bucket.toText(), bucket.full()));
        }
        if (!store.replace(replacements)) {
            return false;
        }
        replacements.forEach(replacement -> remembered.put(replacement.bucket(), replacement.state()));
        return true;
    }

    private static List<TokenBucket> buckets(List<Quota> quotas, Map<String, String> states, Instant now) {
        return quotas.stream()
                .map(quota -> TokenBucket.at(now, quota, states.get(quota.bucket())))
                .toList();
    }

    private static List<String> ids(List<Quota> quotas) {
        return quotas.stream().map(Quota::bucket).toList();
    }

    private static RateLimitVerdict verdict(boolean admitted, List<TokenBucket> buckets) {
        TokenBucket least = buckets.stream()
                .min(Comparator.comparingLong(TokenBucket::remaining))
                .orElseThrow();
        Duration wait = buckets.stream()
                .map(TokenBucket::untilToken)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        return new RateLimitVerdict(
                admitted, least.quota().tokens(), least.remaining(), least.full(), admitted ? Duration.ZERO : wait);
    }
}
