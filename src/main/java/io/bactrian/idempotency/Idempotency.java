package io.bactrian.idempotency;

/**
 * A key that names a request, with the hash of what was asked.
 *
 * @param key chosen by the client, unique in its account for 24 hours
 * @param requestHash SHA-256 of the body, in hexadecimal
 * @param redelivered whether the request comes again by itself until it is acknowledged, as a message does: then its transaction
 *     need not wait for the disk, and holds its locks for a shorter time, if the acknowledgement waits
 *     ({@link IdempotencyKeys#awaitDisk})
 */
public record Idempotency(String key, String requestHash, boolean redelivered) {

    /** Of a request that its client repeats or does not. */
    public Idempotency(String key, String requestHash) {
        this(key, requestHash, false);
    }
}
