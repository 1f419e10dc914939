package io.bactrian.ops;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one part of the service whether it works, and logs when its answer changes.
 *
 * <p>Not safe for use by several threads at once.
 */
final class Probe {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private final String part;
    private final LimitedCall<Boolean> call;
    private boolean healthy = true;

    /** What throws if the part does not work. */
    @FunctionalInterface
    interface Check {
        void run() throws Exception;
    }

    Probe(String part, Duration limit, Check check) {
        this.part = part;
        this.call = new LimitedCall<>("health-" + part, limit, () -> {
            check.run();
            return true;
        });
    }

    LimitedCall.Attempt<Boolean> begin() {
        return call.begin();
    }

    /** Whether the part works, as the attempt finds within the limit. */
    boolean healthy(LimitedCall.Attempt<Boolean> attempt) {
        try {
            attempt.result();
            if (!healthy) {
                LOG.info("Health: {} healthy again", part);
            }
            healthy = true;
        } catch (ExecutionException e) {
            failed(String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            // Whoever asked is leaving: what was known of the part stays known.
            Thread.currentThread().interrupt();
        }
        return healthy;
    }

    private void failed(String cause) {
        if (healthy) {
            LOG.warn("Health: {} unhealthy: {}", part, cause);
        }
        healthy = false;
    }
}
