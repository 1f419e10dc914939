package io.bactrian.monitor;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the history of monitoring tasks is kept.
 *
 * @param historyChecks the latest checks of each task whose rows and changes are kept
 * @param historyAge rows and changes older than this go, too
 */
@ConfigurationProperties("bactrian.monitors")
public record MonitorProperties(
        @DefaultValue("1000") int historyChecks,
        @DefaultValue("90d") Duration historyAge) {
    public MonitorProperties {
        if (historyChecks < 1) {
            throw new IllegalArgumentException("bactrian.monitors.history-checks must be at least 1.");
        }
        if (historyAge.compareTo(Duration.ofHours(1)) < 0) {
            throw new IllegalArgumentException("bactrian.monitors.history-age must be at least 1h.");
        }
    }
}
