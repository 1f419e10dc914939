package io.bactrian.job;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How jobs are carried out.
 *
 * @param parallelVisits how many steps of one search are made at once
 * @param parallelContacts how many websites are read at once for one job
 * @param retryAttempts how often a step that failed for a passing reason is tried again
 * @param visitsPerResult how many steps a search may take for each place that it may give: what filters reject costs no
 *     credits, and must not keep the browsers busy for ever
 */
@ConfigurationProperties("bactrian.jobs")
record JobProperties(
        @DefaultValue("2") int parallelVisits,
        @DefaultValue("4") int parallelContacts,
        @DefaultValue("3") int retryAttempts,
        @DefaultValue("10") int visitsPerResult) {
    private static final int LEAST_VISITS = 200;

    /** How many steps a search may take, beside the websites that it reads. */
    int mostVisits(int maxResults) {
        return Math.max(LEAST_VISITS, visitsPerResult * maxResults);
    }
}
