package io.bactrian.ops;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.work}: how long one step of a route that takes work may last.
 *
 * @param longestStep after how long a step is stuck: this node is unhealthy, and the step's thread is interrupted
 * @param exitAfter after how long the process ends if the step is still there
 */
@ConfigurationProperties("bactrian.work")
public record WorkProperties(
        @DefaultValue("15m") Duration longestStep,
        @DefaultValue("30m") Duration exitAfter) {

    public WorkProperties {
        if (!longestStep.isPositive() || exitAfter.compareTo(longestStep) <= 0) {
            throw new IllegalArgumentException(
                    "bactrian.work.longest-step must be positive, and bactrian.work.exit-after longer than it.");
        }
    }
}
