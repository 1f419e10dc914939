package io.bactrian.billing;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Turns settings of payments that do not go together into a plain sentence on standard error, without a stack trace. */
final class BillingKeysAnalyzer extends AbstractFailureAnalyzer<BillingKeysException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BillingKeysException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), "", cause);
    }
}
