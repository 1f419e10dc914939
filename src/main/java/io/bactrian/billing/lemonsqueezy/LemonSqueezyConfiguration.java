package io.bactrian.billing.lemonsqueezy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.BillingKeysException;
import io.bactrian.billing.BillingProperties;
import io.bactrian.billing.Plans;
import io.bactrian.billing.ProviderConfigured;
import io.bactrian.egress.OperatorClient;
import java.util.HashMap;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Takes payments through Lemon Squeezy where there is a key for it, unless this service plays it. */
@Configuration(proxyBeanMethods = false)
@Conditional(ProviderConfigured.LemonSqueezy.class)
class LemonSqueezyConfiguration {
    @Bean
    LemonSqueezyEvents lemonSqueezyEvents(
            BillingProperties properties, Plans plans, LemonSqueezyProvider provider, ObjectMapper json) {
        check(properties.lemonsqueezy(), plans);
        return new LemonSqueezyEvents(properties.lemonsqueezy().webhookSecret(), json, provider::testMode);
    }

    @Bean
    LemonSqueezyProvider lemonSqueezyProvider(
            BillingProperties properties, Plans plans, OperatorClient http, ObjectMapper json) {
        check(properties.lemonsqueezy(), plans);
        return new LemonSqueezyProvider(properties, http, json);
    }

    /** Every plan that costs something needs its variant, or customers could not buy it. */
    static void check(BillingProperties.LemonSqueezy settings, Plans plans) {
        Map<String, String> needed = new HashMap<>(Map.of(
                "api-key", settings.apiKey(),
                "webhook-secret", settings.webhookSecret(),
                "store-id", settings.storeId()));
        plans.selextract().forEach((id, plan) -> {
            if (plan.price().signum() > 0) {
                needed.put("variants." + id, settings.variants().getOrDefault(id, ""));
            }
        });
        BillingKeysException.requireAll("bactrian.billing.lemonsqueezy", needed);
    }
}
