package io.bactrian.api.contract;

import io.bactrian.limit.RateLimitClass;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the contract: a method on a path, as a document describes it.
 *
 * @param operationId its name, unique over both documents and the same as its route's
 * @param method the HTTP method in upper case
 * @param path the path template, such as {@code /tasks/{task_id}}
 * @param permission the permission that the caller needs ({@code x-permission}), or null where any valid credential will do
 * @param admin whether only administrators may call it ({@code x-admin})
 * @param open whether it is public: answered without a credential
 * @param signed whether its body is taken as it came ({@code x-signed-body}), because a signature is over its bytes
 * @param rateLimit the class of its rate limit ({@code x-rate-limit})
 * @param successStatus the HTTP status of its success
 */
public record Operation(
        String operationId,
        Surface surface,
        String method,
        String path,
        @Nullable String permission,
        boolean admin,
        boolean open,
        boolean signed,
        RateLimitClass rateLimit,
        int successStatus) {}
