package io.bactrian.billing;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long what is settled stays stored.
 *
 * @param events events of providers that were applied, or that say nothing here, since they were received
 * @param checkouts checkouts that nobody has paid, since they expired
 */
@ConfigurationProperties("bactrian.billing.retention")
public record BillingRetention(
        @DefaultValue("400d") Duration events,
        @DefaultValue("90d") Duration checkouts) {}
