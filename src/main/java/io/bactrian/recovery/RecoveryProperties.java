package io.bactrian.recovery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When work is issued again, and when it is abandoned.
 *
 * @param lostAfter how long after its time a message is taken for lost and issued again; after each failed reissue twice as long
 * @param reissues how often work that fails is issued again before it is abandoned
 */
@ConfigurationProperties("bactrian.recovery")
record RecoveryProperties(
        @DefaultValue("15m") Duration lostAfter,
        @DefaultValue("3") int reissues) {
    RecoveryProperties {
        if (lostAfter.isNegative() || lostAfter.isZero()) {
            throw new IllegalArgumentException("bactrian.recovery.lost-after must be longer than zero.");
        }
        if (reissues < 1) {
            throw new IllegalArgumentException("bactrian.recovery.reissues must be at least 1.");
        }
    }
}
