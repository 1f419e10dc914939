package io.bactrian.egress;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.egress.webhooks}: where webhooks may be sent to beyond the public internet.
 *
 * @param allow exceptions from the address policy for webhooks alone: CIDR blocks, addresses or host names
 */
@ConfigurationProperties("bactrian.egress.webhooks")
record WebhookEgressProperties(@DefaultValue List<String> allow) {}
