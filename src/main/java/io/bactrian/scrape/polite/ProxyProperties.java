package io.bactrian.scrape.polite;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.proxies}, from {@code config/proxies.yaml}.
 *
 * @param pools URLs of proxies by the name of their pool
 * @param defaultPool the pool of tasks that name none
 * @param rest how long a proxy that could not be used is left alone, twice as long after each further failure
 * @param longestRest the most that this comes to
 */
@ConfigurationProperties("bactrian.proxies")
record ProxyProperties(
        @DefaultValue Map<String, List<String>> pools,
        @DefaultValue("default") String defaultPool,
        @DefaultValue("1m") Duration rest,
        @DefaultValue("30m") Duration longestRest) {

    /** These pools, and otherwise the default configuration. */
    static ProxyProperties of(Map<String, List<String>> pools) {
        return new ProxyProperties(pools, "default", Duration.ofMinutes(1), Duration.ofMinutes(30));
    }
}
