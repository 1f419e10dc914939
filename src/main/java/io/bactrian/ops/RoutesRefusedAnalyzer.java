package io.bactrian.ops;

import org.apache.camel.FailedToCreateRouteException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;

/** Turns files of the flow that cannot be started into a plain sentence on standard error, without a stack trace. */
final class RoutesRefusedAnalyzer extends AbstractFailureAnalyzer<Exception> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, Exception cause) {
        // Camel wraps what goes wrong in its start.
        @Nullable RoutesRefusedException refused = findCause(rootFailure, RoutesRefusedException.class);
        if (refused != null) {
            return new FailureAnalysis(String.valueOf(refused.getMessage()), "", refused);
        }
        @Nullable FailedToCreateRouteException failed = findCause(rootFailure, FailedToCreateRouteException.class);
        if (failed != null) {
            String reason = String.valueOf(
                            NestedExceptionUtils.getMostSpecificCause(failed).getMessage())
                    .strip()
                    .replaceAll("\\.$", "");
            return new FailureAnalysis(
                    "The route %s cannot be made: %s. Correct its file, and start again."
                            .formatted(failed.getRouteId(), reason),
                    "",
                    failed);
        }
        return null;
    }
}
