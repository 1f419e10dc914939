package io.bactrian.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The configuration {@code bactrian.bodies}: what the bodies of requests may take of this node at once.
 *
 * @param memory of small bodies, and as much again of large ones that have come whole; a client has an eighth of it at most
 * @param files of large bodies while they come; a client has an eighth of it at most
 * @param leastRate what a second of a body must bring at least, over any ten seconds
 */
@ConfigurationProperties("bactrian.bodies")
record BodyProperties(
        @DefaultValue("64MB") DataSize memory,
        @DefaultValue("1GB") DataSize files,
        @DefaultValue("1KB") DataSize leastRate) {}
