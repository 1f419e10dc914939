package io.bactrian.embedded;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.web.server.PortInUseException;

/** Turns a refused start into one plain sentence on standard error, without a stack trace. */
final class StartupRefusedAnalyzer extends AbstractFailureAnalyzer<Exception> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, Exception cause) {
        if (cause instanceof StartupRefusedException refused) {
            return new FailureAnalysis(String.valueOf(refused.getMessage()), "", refused);
        }
        if (cause instanceof PortInUseException inUse) {
            return new FailureAnalysis(
                    DataDirectory.portInUse("a web server", "SERVER_PORT or MANAGEMENT_SERVER_PORT", inUse.getPort()),
                    "",
                    inUse);
        }
        return null;
    }

    /** Prints the sentence. */
    static final class Reporter implements FailureAnalysisReporter {
        @Override
        public void report(FailureAnalysis analysis) {
            System.err.println("bactrian: " + analysis.getDescription()
                    + (analysis.getAction() == null || analysis.getAction().isBlank()
                            ? ""
                            : " " + analysis.getAction()));
        }
    }
}
