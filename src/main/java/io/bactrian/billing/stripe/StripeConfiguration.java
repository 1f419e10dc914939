package io.bactrian.billing.stripe;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.BillingKeysException;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.ProviderConfigured;
import io.bactrian.egress.OperatorClient;
import java.time.Clock;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Takes payments through Stripe where there are keys for it, unless this service plays it. */
@Configuration(proxyBeanMethods = false)
@Conditional(ProviderConfigured.Stripe.class)
class StripeConfiguration {
    @Bean
    StripeEvents stripeEvents(BillingProperties properties, ObjectMapper json, Clock clock) {
        check(properties.stripe());
        return new StripeEvents(properties.stripe().webhookSecret(), json, clock, isLive(properties.stripe()));
    }

    @Bean
    StripeProvider stripeProvider(BillingProperties properties, OperatorClient http, ObjectMapper json, Clock clock) {
        check(properties.stripe());
        return new StripeProvider(properties, http, json, clock);
    }

    /** Keys of test mode begin with {@code sk_test_} or {@code rk_test_}. */
    private static boolean isLive(BillingProperties.Stripe settings) {
        return settings.apiKey().startsWith("sk_live_") || settings.apiKey().startsWith("rk_live_");
    }

    private static void check(BillingProperties.Stripe settings) {
        BillingKeysException.requireAll(
                "bactrian.billing.stripe",
                Map.of("api-key", settings.apiKey(), "webhook-secret", settings.webhookSecret()));
    }
}
