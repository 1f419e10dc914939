package io.bactrian.api;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the configuration {@code bactrian} says about proxies in front of the service.
 *
 * @param trustedProxies addresses and CIDR blocks of proxies whose {@code X-Forwarded-For} and {@code X-Forwarded-Proto} are
 *     believed
 */
@ConfigurationProperties("bactrian")
record ProxyProperties(@DefaultValue List<String> trustedProxies) {}
