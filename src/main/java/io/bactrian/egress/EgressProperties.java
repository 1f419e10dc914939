package io.bactrian.egress;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The configuration {@code bactrian.egress}.
 *
 * @param allow exceptions from the address policy: CIDR blocks, addresses or host names
 * @param ports the ports that may be connected to, empty for any
 * @param maxBodySize the largest body that is read, after decompression
 * @param connectTimeout the longest that one connection may take to be made, TLS handshake apart
 * @param resolveTimeout the longest that a name may take to be resolved
 * @param connections how many connections may be open at once
 * @param connectionsPerRoute how many of them to one host and port
 * @param idleTimeout how long an unused connection is kept open
 */
@ConfigurationProperties("bactrian.egress")
public record EgressProperties(
        @DefaultValue List<String> allow,
        @DefaultValue List<Integer> ports,
        @DefaultValue("10MB") DataSize maxBodySize,
        @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("5s") Duration resolveTimeout,
        @DefaultValue("1024") int connections,
        @DefaultValue("256") int connectionsPerRoute,
        @DefaultValue("30s") Duration idleTimeout) {

    /** The default configuration, with these exceptions from the address policy. */
    public static EgressProperties allowing(String... allow) {
        return new EgressProperties(
                List.of(allow),
                List.of(),
                DataSize.ofMegabytes(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                1024,
                256,
                Duration.ofSeconds(30));
    }
}
