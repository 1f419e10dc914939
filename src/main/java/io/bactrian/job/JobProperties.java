package io.bactrian.job;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How jobs are carried out.
 *
 * @param parallelVisits how many steps of one search are made at once
 * @param parallelContacts how many websites are read at once for one job
 * @param retryAttempts how often a step that failed for a passing reason is tried again
 */
@ConfigurationProperties("bactrian.jobs")
record JobProperties(
        @DefaultValue("2") int parallelVisits,
        @DefaultValue("4") int parallelContacts,
        @DefaultValue("3") int retryAttempts) {}
