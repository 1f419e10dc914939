package io.bactrian.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.idempotency.Idempotency;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job as a client asks for it, before it is accepted.
 *
 * @param planId the account's MapScraper plan
 * @param test whether it is made with a test key, which allows few places and costs no credits
 * @param params as the client sent them, valid by the contract's schema
 * @param idempotency lets the client repeat the request safely, or null
 * @param waitsForBrowser whether it is accepted where no browser starts, and waits for a node that has one; a client that can ask
 *     again is told instead
 */
public record JobSubmission(
        UUID accountId,
        String planId,
        boolean test,
        ObjectNode params,
        @Nullable Idempotency idempotency,
        boolean waitsForBrowser) {}
