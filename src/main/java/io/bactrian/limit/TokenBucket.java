package io.bactrian.limit;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketState;
import io.github.bucket4j.MathType;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.remote.MutableBucketEntry;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.remote.RemoteStat;
import io.github.bucket4j.distributed.versioning.Versions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A token bucket of Bucket4j at one instant: refilled up to it, and by the quota that holds now. */
final class TokenBucket {
    private final RemoteBucketState state;
    private final Quota quota;
    private final Instant now;
    private final long nanoseconds;

    private TokenBucket(RemoteBucketState state, Quota quota, Instant now) {
        this.state = state;
        this.quota = quota;
        this.now = now;
        this.nanoseconds = nanoseconds(now);
    }

    /**
     * The bucket as it was stored.
     *
     * @param stored from {@link #toText}, or null for a full bucket
     */
    static TokenBucket at(Instant now, Quota quota, @Nullable String stored) {
        BucketConfiguration configuration = quota.configuration();
        if (stored == null) {
            BucketState full =
                    BucketState.createInitialState(configuration, MathType.INTEGER_64_BITS, nanoseconds(now));
            return new TokenBucket(new RemoteBucketState(full, new RemoteStat(0), null), quota, now);
        }
        RemoteBucketState state = new MutableBucketEntry(Base64.getDecoder().decode(stored)).get();
        state.refillAllBandwidth(nanoseconds(now));
        if (!state.getConfiguration().equals(configuration)) {
            // What is left stays the same share of the whole: a raised limit does not refill, a lowered one does not
            // lock out.
            state.replaceConfiguration(configuration, TokensInheritanceStrategy.PROPORTIONALLY, nanoseconds(now));
        }
        return new TokenBucket(state, quota, now);
    }

    private static long nanoseconds(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    boolean hasToken() {
        return remaining() > 0;
    }

    void take() {
        state.consume(1);
    }

    Quota quota() {
        return quota;
    }

    long remaining() {
        return Math.max(0, state.getAvailableTokens());
    }

    /** When the bucket will be full if nothing more is taken. */
    Instant full() {
        return now.plusNanos(state.calculateFullRefillingTime(nanoseconds));
    }

    /** How long to wait for a token; zero where there is one. */
    Duration untilToken() {
        return Duration.ofNanos(state.calculateDelayNanosAfterWillBePossibleToConsume(1, nanoseconds, true));
    }

    /** What it is stored as. */
    String toText() {
        return Base64.getEncoder().encodeToString(new MutableBucketEntry(state).getStateBytes(Versions.getLatest()));
    }
}
