package io.bactrian.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What receivers of events are told of a job that has ended.
 *
 * @param userId its account
 * @param params as the client sent them
 * @param error why it failed; absent where it did not
 */
record EndedJob(
        String jobId,
        @Nullable Long userId,
        int resultCount,
        long creditsUsed,
        ObjectNode params,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String error) {}
