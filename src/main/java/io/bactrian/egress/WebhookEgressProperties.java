package io.bactrian.egress;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.egress.webhooks}: how webhooks are sent, and where to beyond the public internet.
 *
 * @param allow exceptions from the address policy for webhooks alone: CIDR blocks, addresses or host names
 * @param timeout from the connection to the last byte of the answer that is read
 */
@ConfigurationProperties("bactrian.egress.webhooks")
record WebhookEgressProperties(
        @DefaultValue List<String> allow,
        @DefaultValue("15s") Duration timeout) {}
