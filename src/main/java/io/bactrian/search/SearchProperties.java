package io.bactrian.search;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What accounts may save.
 *
 * @param maxPerAccount saved searches that one account may have
 * @param history how long runs that have ended are kept
 */
@ConfigurationProperties("bactrian.searches")
record SearchProperties(
        @DefaultValue("500") int maxPerAccount,
        @DefaultValue("90d") Duration history) {}
