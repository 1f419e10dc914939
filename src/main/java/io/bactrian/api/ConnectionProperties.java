package io.bactrian.api;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.connections}: what a client may do with connections to the API before it is known.
 *
 * @param perAddress connections that one address, or one /64 block of IPv6, may have open at once; trusted proxies may have any
 *     number
 * @param headTimeout the longest that the head of a request may take, and that a connection may be silent before its first byte
 * @param readTimeout the longest silence within the body of a request, and the longest that the rest of a body that nobody wants
 *     may take
 * @param writeTimeout the longest that a reader of an answer may take nothing
 */
@ConfigurationProperties("bactrian.connections")
record ConnectionProperties(
        @DefaultValue("1024") int perAddress,
        @DefaultValue("10s") Duration headTimeout,
        @DefaultValue("10s") Duration readTimeout,
        @DefaultValue("60s") Duration writeTimeout) {}
