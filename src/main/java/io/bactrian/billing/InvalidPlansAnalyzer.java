package io.bactrian.billing;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Turns mistakes in the settings of plans into plain sentences on standard error, without a stack trace. */
final class InvalidPlansAnalyzer extends AbstractFailureAnalyzer<InvalidPlansException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, InvalidPlansException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), "", cause);
    }
}
