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
        if (cause instanceof RoutesRefusedException refused) {
            return new FailureAnalysis(String.valueOf(refused.getMessage()), "", refused);
        }
        if (cause instanceof FailedToCreateRouteException failed) {
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
