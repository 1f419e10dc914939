package io.bactrian.idempotency;

/**
 * A key that names a request, with the hash of what was asked.
 *
 * @param key chosen by the client, unique in its account for 24 hours
 * @param requestHash SHA-256 of the body, in hexadecimal
 */
public record Idempotency(String key, String requestHash) {}
