package io.bactrian.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.idempotency.Idempotency;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A task as a client asks for it, before it is accepted.
 *
 * @param planId the account's Selextract plan
 * @param test whether it is made with a test key, which allows few URLs and costs no compute units
 * @param priority from 1 to 10; 10 goes first
 * @param config as the client sent it, valid by the contract's schema, but with the canonical form of its {@code webhook_url}
 * @param idempotency lets the client repeat the request safely, or null
 * @param waitsForBrowser whether it is accepted where no browser starts, and waits for a node that has one; a client that can ask
 *     again is told instead
 */
public record TaskSubmission(
        UUID accountId,
        String planId,
        boolean test,
        String name,
        @Nullable String description,
        TaskType type,
        int priority,
        ObjectNode config,
        @Nullable Idempotency idempotency,
        boolean waitsForBrowser) {}
