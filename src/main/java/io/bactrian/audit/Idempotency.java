package io.bactrian.audit;

/**
 * A client's wish that a request be carried out once, however often it is sent.
 *
 * @param key the client's choice
 * @param requestHash of the whole request, so that another one under the same key is noticed
 */
public record Idempotency(String key, String requestHash) {}
