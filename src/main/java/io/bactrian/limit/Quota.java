package io.bactrian.limit;

import io.github.bucket4j.BucketConfiguration;
import java.time.Duration;

/**
 * One bucket, and how many tokens it holds.
 *
 * @param bucket the bucket's id: the class, what is counted, and who
 * @param tokens the tokens of a full bucket, each for one request
 * @param period the time in which an empty bucket becomes full, token by token
 */
record Quota(String bucket, long tokens, Duration period) {

    BucketConfiguration configuration() {
        return BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(tokens).refillGreedy(tokens, period))
                .build();
    }
}
